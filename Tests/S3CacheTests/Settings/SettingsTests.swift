import PluginKit
import Testing

@testable import S3Cache

@Suite("A bucket's name")
struct BucketNameTests {
    @Test(
        "that S3 would not allow is refused with the reason",
        arguments: [
            ("ab", "3 to 63"), (String(repeating: "a", count: 64), "3 to 63"), ("My-Bucket", "lower-case"),
            ("-abc", "begin and end"), ("abc-", "begin and end"), ("a..b", "'.' must stand"),
            ("a.-b", "'.' must stand"), ("192.168.0.1", "IP address"), ("bücket", "lower-case"), ("a b", "lower-case"),
        ]
    )
    func refused(name: String, words: String) {
        let failure = #expect(throws: PluginFailure.self) { () throws in try BucketName.check(name) }
        #expect(failure?.message.contains(words) == true, "\(failure?.message ?? "")")
    }

    @Test(
        "that S3 allows, or allowed once, is taken",
        arguments: ["abc", "cache-bucket-litellm", "a.b.c", "123", "0-0", "1.2.3.4.5", "your_s3_bucket_name"]
    )
    func allowed(name: String) throws { try BucketName.check(name) }
}

@Suite("The address of requests for a bucket")
struct BucketAddressTests {
    private func address(
        _ bucket: String,
        _ endpoint: String? = nil,
        style: S3Settings.AddressingStyle = .auto,
        usesTLS: Bool = true,
        region: String = "us-west-2"
    ) throws -> BucketAddress {
        var settings = S3Settings.plain(bucket: bucket)
        settings.usesTLS = usesTLS
        settings.addressing = style
        if let endpoint {
            let read: S3Endpoint = try #require(S3Endpoint(endpoint, defaultTLS: usesTLS))
            settings.endpoint = read
            settings.usesTLS = read.usesTLS
        }
        return BucketAddress(settings, region: region)
    }

    @Test("is chosen as boto3's auto does: by host on AWS, by path elsewhere and where no certificate fits")
    func auto() throws {
        let aws = try address("cache")
        #expect(aws.host == "cache.s3.us-west-2.amazonaws.com" && aws.path("a b") == "/a%20b" && aws.bucketPath == "/")
        let dotted = try address("my.cache")
        #expect(dotted.host == "s3.us-west-2.amazonaws.com" && dotted.path("k") == "/my.cache/k")
        #expect(try address("my.cache", usesTLS: false).host == "my.cache.s3.us-west-2.amazonaws.com")
        let old = try address("my_cache", usesTLS: false)
        #expect(old.host == "s3.us-west-2.amazonaws.com" && old.path("k") == "/my_cache/k")
        let other = try address("cache", "http://127.0.0.1:8333/base/")
        #expect(other.host == "127.0.0.1:8333" && other.path("k") == "/base/cache/k" && !other.usesTLS)
        #expect(other.bucketPath == "/base/cache")
        #expect(try address("cache", region: "cn-north-1").host == "cache.s3.cn-north-1.amazonaws.com.cn")
    }

    @Test("is as s3.addressing_style says")
    func styles() throws {
        #expect(try address("cache", style: .path).path("k") == "/cache/k")
        #expect(try address("cache", "https://s3.example.com", style: .virtual).host == "cache.s3.example.com")
        #expect(try address("my.cache", style: .virtual).host == "my.cache.s3.us-west-2.amazonaws.com")
    }

    @Test(
        "comes from a URL",
        arguments: [
            ("https://s3.example.com", true, "s3.example.com", ""), ("http://h:80/", false, "h", ""),
            ("HTTPS://H:443/x/", true, "h", "/x"), ("h:9000", true, "h:9000", ""),
            ("http://[::1]:9000", false, "[::1]:9000", ""),
        ]
    )
    func endpoints(url: String, usesTLS: Bool, authority: String, path: String) throws {
        let endpoint = try #require(S3Endpoint(url, defaultTLS: true))
        #expect(endpoint.usesTLS == usesTLS && endpoint.authority == authority && endpoint.path == path)
    }

    @Test(
        "never from what is none",
        arguments: ["", "ftp://h", "https://", "https://u:p@h", "https://h?x", "https://h/#x", "https://h h"]
    )
    func wrong(url: String) { #expect(S3Endpoint(url, defaultTLS: true) == nil) }
}

extension S3Settings {
    /// Settings with only a bucket and keys.
    static func plain(bucket: String = "cache") -> S3Settings {
        S3Settings(
            bucket: bucket,
            region: "us-east-1",
            isRegionGiven: false,
            layout: ObjectLayout(path: nil),
            endpoint: nil,
            usesTLS: true,
            verification: .system,
            keys: AccessKeys(accessKey: "a", secretKey: "s"),
            chain: []
        )
    }
}
