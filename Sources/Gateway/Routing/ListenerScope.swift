/// What a listener is for, and so which routes it serves.
enum ListenerScope: Sendable {
    /// Everything, where there is no listener for administration.
    case everything
    /// What clients ask for, and probes.
    case clients
    /// What is for the operator alone, and probes.
    case administration

    /// Whether the listener serves a route.
    func serves(_ route: Route) -> Bool {
        switch (self, route) {
        case (.everything, _), (_, .liveness), (_, .readiness): true
        // The answer to an unknown path names the paths of this listener alone.
        case (_, .nowhere): false
        case (.clients, _): !route.isAdministrative
        case (.administration, _): route.isAdministrative
        }
    }

    /// Whether what probes are told includes the state of the cache and of the configuration.
    var showsDetails: Bool { self != .clients }
}
