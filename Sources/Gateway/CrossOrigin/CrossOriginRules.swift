import Configuration
import HTTPSyntax
import Text

/// What pages of other origins may do in a browser, as the CORS protocol of the Fetch standard says it in answers. It is
/// immutable and shared by all event loops.
///
/// A page whose origin is not allowed gets no such field, so that its browser keeps the answer from it. The gateway
/// answers it all the same: the key is what keeps clients out.
final class CrossOriginRules: Sendable {
    /// The lines for each allowed origin, ready to be written. It is empty where every origin is allowed.
    private let listed: [(origin: [UInt8], lines: [UInt8])]
    /// The lines for every other origin, and for requests without one.
    private let otherwise: [UInt8]
    private let methods: String?
    private let headers: String?
    private let maxAge: Int

    /// How long a browser may remember what it may do, in seconds.
    static let defaultMaxAge = 600

    /// The headers that pages may read where the configuration names none: the gateway's, and those of providers that
    /// clients act on.
    static let defaultExposed = [
        "age", "cache-status", "retry-after", "x-request-id", "llm_provider-x-request-id", "x-litellm-cache-key",
        "x-litellm-call-id", "x-litellm-model-id", "x-litellm-model-api-base", "x-litellm-response-cost",
        "openai-processing-ms", "x-ratelimit-limit-requests", "x-ratelimit-limit-tokens",
        "x-ratelimit-remaining-requests", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-requests",
        "x-ratelimit-reset-tokens",
    ]

    init(_ settings: CrossOriginSettings) {
        func lines(_ origin: String) -> String {
            let exposed = (settings.exposed ?? Self.defaultExposed).joined(separator: ", ")
            return "access-control-allow-origin: \(origin)\r\n"
                + (settings.allowsCredentials ? "access-control-allow-credentials: true\r\n" : "")
                + (exposed.isEmpty ? "" : "access-control-expose-headers: \(exposed)\r\n")
        }
        // An answer that depends on the origin says so also to those that it is not for.
        let vary = "vary: Origin\r\n"
        switch settings.origins {
        case .any:
            listed = []
            otherwise = Array(lines("*").utf8)
        case .listed(let origins):
            listed = origins.map { (Array($0.utf8), Array((vary + lines($0)).utf8)) }
            otherwise = Array(vary.utf8)
        }
        methods = settings.methods?.joined(separator: ", ")
        headers = settings.headers?.joined(separator: ", ")
        maxAge = settings.maxAge ?? Self.defaultMaxAge
    }

    /// Whether pages of an origin may call the gateway.
    func allows(_ origin: [UInt8]) -> Bool {
        listed.isEmpty || listed.contains { $0.origin == origin }
    }

    /// The field lines of every answer to a request.
    ///
    /// - Parameter origin: the value of Origin. It is nil where the request has none.
    func lines(for origin: [UInt8]?) -> [UInt8] {
        guard let origin else { return otherwise }
        for (known, lines) in listed where known == origin { return lines }
        return otherwise
    }

    /// The further fields of the answer to a preflight request, with which a browser asks whether it may send another
    /// one. There are none for any other request.
    ///
    /// - Parameter allowed: the methods of the path.
    func preflight(_ fields: RequestFields, allowed: String) -> [(name: String, value: String)] {
        guard let origin = fields.origin, fields.requestsMethod, allows(origin) else { return [] }
        var answer = [(name: "access-control-allow-methods", value: methods ?? allowed)]
        // `*` would not include Authorization.
        if let headers {
            answer.append(("access-control-allow-headers", headers))
        } else if let requested = fields.requestedHeaders {
            answer.append(("access-control-allow-headers", requested))
            answer.append(("vary", "Access-Control-Request-Headers"))
        }
        answer.append(("access-control-max-age", "\(maxAge)"))
        return answer
    }
}
