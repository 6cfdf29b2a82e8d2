import Text

/// The header fields of a request that mean something to the gateway, found in one pass.
///
/// A class, for it is handed from one to the next, and complete before the first of them has it.
// Sendable although it is filled in after its initialiser: by its reader alone, before anybody else has it.
final class RequestFields: @unchecked Sendable {
    /// What Authorization says.
    private(set) var authorization: String?
    /// A bare key, as Azure's and Anthropic's clients send it.
    private(set) var apiKey: String?
    /// The values of Cache-Control, in order.
    private(set) var cacheControl: [String] = []
    /// What Pragma says, several lines joined.
    private(set) var pragma: String?
    /// What the client calls its request; the first name counts.
    private(set) var requestID: String?
    /// Fields that go upstream: see `isForwarded`.
    private(set) var forwarded: [(String, String)] = []
    /// What `OpenAI-Beta` says. It changes the answer, so it is forwarded and part of the cache key.
    private(set) var beta: String?
    /// The body's length, if the request states it; `Int.max` where it states more.
    private(set) var contentLength: Int?
    /// The codings of the body other than identity.
    private(set) var contentEncoding: String?
    /// Whether the client waits for `100 Continue` (RFC 9110 section 10.1.1).
    private(set) var expectsContinue = false

    /// None yet.
    init() {}

    /// Takes a field that stands in `bytes`.
    func take(_ bytes: UnsafeRawBufferPointer, name: Range<Int>, value: Range<Int>) {
        func isNamed(_ lower: StaticString) -> Bool { bytes.equalsIgnoringCase(name, lower) }
        switch name.count {
        case 6 where isNamed("expect"): expectsContinue = bytes.equalsIgnoringCase(value, "100-continue")
        case 6 where isNamed("pragma"):
            let text = bytes.text(value)
            pragma = pragma.map { $0 + "," + text } ?? text
        case 7 where isNamed("api-key"): apiKey = bytes.text(value)
        case 9 where isNamed("x-api-key"): apiKey = bytes.text(value)
        case 11 where isNamed("openai-beta"):
            let text = bytes.text(value)
            beta = beta.map { $0 + "," + text } ?? text
            forwarded.append((bytes.text(name), text))
        case 12 where isNamed("x-request-id"): requestID = requestID ?? bytes.text(value)
        case 13 where isNamed("authorization"): authorization = bytes.text(value)
        case 13 where isNamed("cache-control"): cacheControl.append(bytes.text(value))
        case 14 where isNamed("content-length"): contentLength = bytes.length(value)
        case 16 where isNamed("content-encoding"):
            if !bytes.equalsIgnoringCase(value, "identity") { contentEncoding = bytes.text(value) }
        default:
            if Self.isForwarded(name.count, isNamed) { forwarded.append((bytes.text(name), bytes.text(value))) }
        }
    }

    /// States the body's length where it is not plainly written.
    func take(contentLength: Int) { self.contentLength = contentLength }

    /// HTTP/1.0 knows no interim answers (RFC 9110 section 15.2).
    func expectNoContinue() { expectsContinue = false }

    /// Whether a field of the client's goes upstream. A short list instead of everything but the dangerous: what
    /// reaches a provider and is not in the cache key could otherwise change an answer that others are served.
    private static func isForwarded(_ count: Int, _ isNamed: (StaticString) -> Bool) -> Bool {
        switch count {
        case 10: isNamed("user-agent") || isNamed("tracestate")
        case 11: isNamed("traceparent")
        case 15: isNamed("idempotency-key")
        case 19: isNamed("x-client-request-id")
        default: false
        }
    }
}
