import PluginKit

/// A request to S3 before it is signed and sent.
struct ObjectRequest {
    private enum Target {
        case object(String)
        case bucket
    }

    let method: String
    private let target: Target
    private(set) var query: [(name: String, value: String)] = []
    private(set) var headers: [(name: String, value: String)] = []
    private(set) var body = HTTPRequest.Body.none

    private init(_ method: String, _ target: Target) {
        self.method = method
        self.target = target
    }

    static func get(_ object: String) -> Self { Self("GET", .object(object)) }

    static func put(_ object: String, _ metadata: ObjectMetadata, _ parts: [UnsafeRawBufferPointer]) -> Self {
        var request = Self("PUT", .object(object))
        request.headers = metadata.headers
        request.body = .parts(parts)
        return request
    }

    static func delete(_ object: String) -> Self { Self("DELETE", .object(object)) }

    /// Deletes up to a thousand objects at once.
    static func delete(_ objects: [String]) -> Self {
        let body = Array(DeletionList.document(objects).utf8)
        var request = Self("POST", .bucket)
        request.query = [("delete", "")]
        request.headers = [("content-md5", Digest.md5(body).base64), ("content-type", "application/xml")]
        request.body = .bytes(body)
        return request
    }

    /// A page of the objects whose names have a prefix.
    static func list(prefix: String, limit: Int, after token: String? = nil) -> Self {
        var request = Self("GET", .bucket)
        request.query = [("list-type", "2"), ("max-keys", "\(limit)"), ("prefix", prefix)]
        if let token { request.query.append(("continuation-token", token)) }
        return request
    }

    /// The largest body of a successful answer that is read, in bytes.
    /// - Parameter value: the size of the largest entry that is read.
    func largestAnswer(_ value: Int) -> Int {
        switch target {
        case .object where method == "GET": value
        case .object, .bucket: XMLElement.largestDocument
        }
    }

    /// Whether the request changes anything.
    var isWrite: Bool { method != "GET" }

    /// The percent-encoded path that is sent to a server.
    func path(_ address: BucketAddress) -> String {
        switch target {
        case .object(let name): address.path(name)
        case .bucket: address.bucketPath
        }
    }
}
