import CallTypes

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
