import NIOCore

/// A request that is to be explained, as the command line gives it.
struct RequestSource {
    /// What the request is called in the explanation: the name of its file.
    let name: String
    let body: ByteBuffer
    /// The path to which it is sent. If it is nil, the members of the body decide.
    var endpoint: String?
    /// Its header fields, each as `name: value`.
    var headers: [String] = []
    /// The name of the key with which it is sent. If it is nil, a key in its header counts, else it is the master key's.
    var keyName: String?
}

/// Why a request cannot be explained, or is never cached.
struct UnexplainedRequest: Error, Equatable, CustomStringConvertible {
    enum Reason: Equatable {
        /// The command line does not fit the request.
        case usage
        /// The gateway would refuse the request with that status.
        case refused(status: Int)
        /// The gateway passes such requests on without the cache, or answers them itself.
        case neverCached
    }

    let reason: Reason
    let description: String

    init(_ reason: Reason, _ description: String) {
        self.reason = reason
        self.description = description
    }

    init(_ error: APIError) {
        self.init(
            .refused(status: error.status),
            "the gateway refuses this request with \(error.status): \(error.message)"
        )
    }
}
