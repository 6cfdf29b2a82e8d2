import ResponseCache

/// What a request asks of the gateway.
enum Route: Equatable {
    /// An inference call that goes to a model.
    case inference(CallType)
    case models
    case model(name: String)
    case liveness
    case readiness
    case health
    /// Tries the cache's backend.
    case cachePing

    /// Whether it is answered without the master key: probes have none.
    var isPublic: Bool {
        switch self {
        case .liveness, .readiness: true
        case .inference, .models, .model, .health, .cachePing: false
        }
    }

    /// The methods that it answers, as the Allow header lists them (RFC 9110 section 10.2.1).
    var allowedMethods: String {
        switch self {
        case .inference: "POST"
        case .models, .model, .liveness, .readiness, .health, .cachePing: "GET, HEAD"
        }
    }
}

extension Route {
    /// The route of a request target, or nil where there is none. The query is ignored; `/v1` may be left out;
    /// one slash may follow.
    init?(target: String) {
        // The usual ones first, compared whole.
        switch target {
        case "/v1/chat/completions", "/chat/completions":
            self = .inference(.completion)
            return
        case "/v1/embeddings", "/embeddings":
            self = .inference(.embedding)
            return
        default:
            break
        }
        var path = target[...]
        if let query = path.firstIndex(of: "?") { path = path[..<query] }
        if path.hasPrefix("/v1/") { path = path.dropFirst(3) }
        if path.count > 1, path.hasSuffix("/") { path = path.dropLast() }
        switch path {
        case "/chat/completions": self = .inference(.completion)
        case "/completions": self = .inference(.textCompletion)
        case "/embeddings": self = .inference(.embedding)
        case "/models": self = .models
        case "/health/liveliness", "/health/liveness": self = .liveness
        case "/health/readiness": self = .readiness
        case "/health": self = .health
        case "/cache/ping": self = .cachePing
        default:
            guard path.hasPrefix("/models/"), let name = PercentEncoding.decode(path.dropFirst(8)) else { return nil }
            self = .model(name: name)
        }
    }
}

/// Percent-encoding of a request target (RFC 3986 section 2.1).
enum PercentEncoding {
    /// The text with its escapes decoded; nil if an escape is malformed or the result is not UTF-8.
    static func decode(_ text: Substring) -> String? {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexValue), let low = rest.popFirst().flatMap(hexValue) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
