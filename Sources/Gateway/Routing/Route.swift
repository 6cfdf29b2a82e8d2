import HTTPSyntax
import ResponseCache
import Text

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
