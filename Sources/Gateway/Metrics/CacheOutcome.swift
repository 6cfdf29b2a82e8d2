import ResponseCache

/// What the cache did for a request, as metrics tell it.
enum CacheOutcome: UInt8, Sendable {
    /// It had no part in the request.
    case none
    case hit
    /// It served an answer past its time to live.
    case stale
    case miss
    /// The request shared the call of another one.
    case coalesced
    case bypass

    init(_ status: CacheStatus?) {
        guard let status else {
            self = .none
            return
        }
        switch status.outcome {
        case .hit(let timeToLive): self = (timeToLive ?? 0) < 0 ? .stale : .hit
        case .forwarded(_) where status.isCollapsed: self = .coalesced
        case .forwarded(.bypass): self = .bypass
        case .forwarded: self = .miss
        }
    }

    /// The value of the label `cache`.
    var label: String {
        switch self {
        case .none: "none"
        case .hit: "hit"
        case .stale: "stale"
        case .miss: "miss"
        case .coalesced: "coalesced"
        case .bypass: "bypass"
        }
    }

    /// Whether the request was not answered from the cache although the cache had a part in it.
    var isMiss: Bool { self == .miss || self == .coalesced || self == .bypass }
}
