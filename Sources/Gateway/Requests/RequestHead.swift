import NIOHTTP1
import Text

/// The head of a request, as far as the gateway uses it.
struct RequestHead {
    let method: HTTPMethod
    /// The requested path and query, whatever form the target has.
    let target: String
    /// The route of the target.
    let route: Route
    let isHTTP10: Bool
    /// Whether the client wants to send another request on this connection.
    let keepsAlive: Bool
    /// Whether the body is in chunks, so that its length is not known.
    let isChunked: Bool
    let fields: RequestFields
    /// After how many bytes of its body the request is passed on. It is nil where the body is collected whole.
    var passesBodyAfter: Int?
}

extension RequestHead {
    /// The path as it is shown in an error: without its query, and shortened.
    var printablePath: String {
        String(decoding: target.utf8.prefix { $0 != UInt8(ascii: "?") }, as: UTF8.self).quotable
    }
}

extension APIError {
    /// 404: nothing is at the path of a request.
    ///
    /// - Parameter served: the paths that there are, as a list in words.
    static func unknownPath(of head: RequestHead, served: String) -> APIError {
        unknownPath(method: head.method.rawValue, path: head.printablePath, served: served)
    }
}
