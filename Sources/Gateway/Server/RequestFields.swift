import NIOHTTP1

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
        case 6 where name.isField("expect"):
            expectsContinue = value.isField("100-continue")
        case 7 where name.isField("api-key"):
            apiKey = value
        case 7 where name.isField("upgrade"):
            asksUpgrade = true
        case 9 where name.isField("x-api-key"):
            apiKey = value
        case 11 where name.isField("openai-beta"):
            beta = beta.map { $0 + "," + value } ?? value
            forwarded.append((name, value))
        case 13 where name.isField("authorization"):
            authorization = value
        case 13 where name.isField("cache-control"):
            cacheControl.append(value)
        case 14 where name.isField("content-length"):
            contentLength = Int(value)
        case 16 where name.isField("content-encoding"):
            if !value.isField("identity") { contentEncoding = value }
        default:
            if Self.isForwarded(name) { forwarded.append((name, value)) }
        }
    }

    /// Whether a field of the client's goes upstream. A short list instead of everything but the dangerous: what
    /// reaches a provider and is not in the cache key could otherwise change an answer that others are served.
    private static func isForwarded(_ name: String) -> Bool {
        switch name.utf8.count {
        case 10: name.isField("user-agent") || name.isField("tracestate")
        case 11: name.isField("traceparent")
        case 12: name.isField("x-request-id")
        case 15: name.isField("idempotency-key")
        case 19: name.isField("x-client-request-id")
        default: false
        }
    }
}

extension String {
    /// Whether this is `name` but for the case of ASCII letters. `name` is in lower case.
    func isField(_ name: StaticString) -> Bool {
        guard utf8.count == name.utf8CodeUnitCount else { return false }
        var expected = name.utf8Start
        for byte in utf8 {
            let lower = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
            if lower != expected.pointee { return false }
            expected += 1
        }
        return true
    }
}
