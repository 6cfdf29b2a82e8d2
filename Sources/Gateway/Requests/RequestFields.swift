import NIOHTTP1
import Spelling

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

    /// None yet.
    init() {}

    convenience init(_ headers: HTTPHeaders) {
        self.init()
        for (name, value) in headers {
            var line = Array(name.utf8)
            line += value.utf8
            line.withUnsafeBytes { take($0, name: 0..<name.utf8.count, value: name.utf8.count..<$0.count) }
        }
    }

    /// Takes a field that stands in `bytes`.
    func take(_ bytes: UnsafeRawBufferPointer, name: Range<Int>, value: Range<Int>) {
        func isNamed(_ lower: StaticString) -> Bool { bytes.equalsIgnoringCase(name, lower) }
        switch name.count {
        case 6 where isNamed("expect"): expectsContinue = bytes.equalsIgnoringCase(value, "100-continue")
        case 7 where isNamed("api-key"): apiKey = bytes.text(value)
        case 7 where isNamed("upgrade"): asksUpgrade = true
        case 9 where isNamed("x-api-key"): apiKey = bytes.text(value)
        case 11 where isNamed("openai-beta"):
            let text = bytes.text(value)
            beta = beta.map { $0 + "," + text } ?? text
            forwarded.append((bytes.text(name), text))
        case 13 where isNamed("authorization"): authorization = bytes.text(value)
        case 13 where isNamed("cache-control"): cacheControl.append(bytes.text(value))
        case 14 where isNamed("content-length"): contentLength = bytes.length(value) ?? Int(bytes.text(value))
        case 16 where isNamed("content-encoding"):
            if !bytes.equalsIgnoringCase(value, "identity") { contentEncoding = bytes.text(value) }
        default:
            if Self.isForwarded(name.count, isNamed) { forwarded.append((bytes.text(name), bytes.text(value))) }
        }
    }

    /// Whether a field of the client's goes upstream. A short list instead of everything but the dangerous: what
    /// reaches a provider and is not in the cache key could otherwise change an answer that others are served.
    private static func isForwarded(_ count: Int, _ isNamed: (StaticString) -> Bool) -> Bool {
        switch count {
        case 10: isNamed("user-agent") || isNamed("tracestate")
        case 11: isNamed("traceparent")
        case 12: isNamed("x-request-id")
        case 15: isNamed("idempotency-key")
        case 19: isNamed("x-client-request-id")
        default: false
        }
    }
}
