import NIOHTTP1
import Spelling

/// The header fields of a request that mean something to the gateway, found in one pass without new Strings.
struct RequestFields {
    /// What Authorization says.
    private(set) var authorization: String?
    /// A bare key, as Azure's and Anthropic's clients send it.
    private(set) var apiKey: String?
    /// The values of Cache-Control, in order.
    private(set) var cacheControl: [String] = []
    /// Fields that go upstream: see `isForwarded`.
    private(set) var forwarded: [(String, String)] = []
    /// What `OpenAI-Beta` says. It changes the answer, so it is forwarded and part of the cache key.
    private(set) var beta: String?
    /// The body's length, if the request states it.
    private(set) var contentLength: Int?
    /// The codings of the body other than identity.
    private(set) var contentEncoding: String?
    /// Whether the client waits for `100 Continue` (RFC 9110 section 10.1.1).
    private(set) var expectsContinue = false
    /// Whether the client wants another protocol, after which the decoder reads no further request.
    private(set) var asksUpgrade = false

    init(_ head: HTTPRequestHead) {
        for (name, value) in head.headers {
            take(name, value)
        }
        if head.method == .CONNECT { asksUpgrade = true }
    }

    private mutating func take(_ name: String, _ value: String) {
        switch name.utf8.count {
        case 6 where name.equalsIgnoringCase("expect"):
            expectsContinue = value.equalsIgnoringCase("100-continue")
        case 7 where name.equalsIgnoringCase("api-key"):
            apiKey = value
        case 7 where name.equalsIgnoringCase("upgrade"):
            asksUpgrade = true
        case 9 where name.equalsIgnoringCase("x-api-key"):
            apiKey = value
        case 11 where name.equalsIgnoringCase("openai-beta"):
            beta = beta.map { $0 + "," + value } ?? value
            forwarded.append((name, value))
        case 13 where name.equalsIgnoringCase("authorization"):
            authorization = value
        case 13 where name.equalsIgnoringCase("cache-control"):
            cacheControl.append(value)
        case 14 where name.equalsIgnoringCase("content-length"):
            contentLength = Int(value)
        case 16 where name.equalsIgnoringCase("content-encoding"):
            if !value.equalsIgnoringCase("identity") { contentEncoding = value }
        default:
            if Self.isForwarded(name) { forwarded.append((name, value)) }
        }
    }

    /// Whether a field of the client's goes upstream. A short list instead of everything but the dangerous: what
    /// reaches a provider and is not in the cache key could otherwise change an answer that others are served.
    private static func isForwarded(_ name: String) -> Bool {
        switch name.utf8.count {
        case 10: name.equalsIgnoringCase("user-agent") || name.equalsIgnoringCase("tracestate")
        case 11: name.equalsIgnoringCase("traceparent")
        case 12: name.equalsIgnoringCase("x-request-id")
        case 15: name.equalsIgnoringCase("idempotency-key")
        case 19: name.equalsIgnoringCase("x-client-request-id")
        default: false
        }
    }
}
