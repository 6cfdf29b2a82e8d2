/// The address of requests for a bucket: path-style or virtual-hosted, chosen as boto3's "auto" does.
struct BucketAddress: Sendable, Equatable {
    let usesTLS: Bool
    /// The value of the Host header.
    let host: String
    /// The percent-encoded path before an object's own path. It is empty or begins with a slash.
    let prefix: String

    init(_ settings: S3Settings, region: String) {
        usesTLS = settings.usesTLS
        let base = settings.endpoint?.authority ?? Self.host(of: region)
        let folder = settings.endpoint?.path ?? ""
        let isVirtual: Bool =
            switch settings.addressing {
            case .path: false
            case .virtual: true
            // As in botocore, a custom endpoint is addressed by path, and AWS by host where a certificate covers the
            // name.
            case .auto: settings.endpoint == nil && BucketName.fitsHost(settings.bucket, usesTLS: settings.usesTLS)
            }
        host = isVirtual ? "\(settings.bucket).\(base)" : base
        prefix = isVirtual ? folder : folder + "/" + URIEncoding.encoded(settings.bucket)
    }

    /// The percent-encoded path of an object, as it is signed and sent.
    func path(_ object: String) -> String { prefix + "/" + URIEncoding.encoded(object, keepsSlashes: true) }

    /// The path of the bucket itself.
    var bucketPath: String { prefix.isEmpty ? "/" : prefix }

    func url(path: String, query: String) -> String {
        (usesTLS ? "https://" : "http://") + host + path + (query.isEmpty ? "" : "?" + query)
    }

    private static func host(of region: String) -> String {
        region.hasPrefix("cn-") ? "s3.\(region).amazonaws.com.cn" : "s3.\(region).amazonaws.com"
    }
}
