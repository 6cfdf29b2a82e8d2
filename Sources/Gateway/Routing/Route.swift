import ResponseCache
import Spelling

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
    /// one slash may follow. Takes time in proportion to the target's length, whatever it holds.
    init?(target: String) {
        // A no-op for every string but one that came from Objective-C, which there is none of.
        var target = target
        guard let route = target.withUTF8({ Route.named($0) }) else { return nil }
        self = route
    }

    private static func named(_ target: UnsafeBufferPointer<UInt8>) -> Route? {
        func isText(_ part: Slice<UnsafeBufferPointer<UInt8>>, _ text: StaticString) -> Bool {
            UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: part)).isText(text)
        }
        let slash = UInt8(ascii: "/")
        var path = target.prefix { $0 != UInt8(ascii: "?") }
        if isText(path.prefix(4), "/v1/") { path = path.dropFirst(3) }
        if path.count > 1, path.last == slash { path = path.dropLast() }
        for (text, route) in fixed where isText(path, text) { return route }
        guard isText(path.prefix(8), "/models/"), let name = PercentEncoding.decode(path.dropFirst(8)) else {
            return nil
        }
        return .model(name: name)
    }

    /// The targets without a variable part, the usual ones first.
    private static let fixed: [(StaticString, Route)] = [
        ("/chat/completions", .inference(.completion)),
        ("/embeddings", .inference(.embedding)),
        ("/completions", .inference(.textCompletion)),
        ("/models", .models),
        ("/health/liveliness", .liveness),
        ("/health/liveness", .liveness),
        ("/health/readiness", .readiness),
        ("/health", .health),
        ("/cache/ping", .cachePing),
    ]
}

/// Percent-encoding of a request target (RFC 3986 section 2.1).
enum PercentEncoding {
    /// The text with its escapes decoded; nil if an escape is malformed or the result is not UTF-8.
    static func decode(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> String? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var rest = text
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
