public import Text

/// What the cache did for a request, as reported in `Cache-Status` (RFC 9211).
public struct CacheStatus: Sendable {
    /// Why a request went to the model (RFC 9211 section 2.2).
    public enum Forward: Sendable, Hashable, CaseIterable {
        /// The configuration or the nature of the call excludes the request from the cache.
        case bypass
        /// There was no such entry, or none that could be read.
        case miss
        /// The request did not accept what is cached, or is itself not cached.
        case request
        /// The entry was past its time to live.
        case stale
    }

    /// How the request was answered.
    public enum Outcome: Sendable, Hashable {
        /// The request was answered from the cache. `timeToLive` is the freshness left in seconds: negative for a stale
        /// answer, and nil for one that never expires.
        case hit(timeToLive: Int64?)
        case forwarded(Forward)
    }

    public var outcome: Outcome
    /// Whether the answer was handed to the backend. It is true of a forwarded request only.
    public var isStored = false
    /// Whether the request shared the forwarded call of another request. It is true of a forwarded request only.
    public var isCollapsed = false
    /// An RFC 8941 token with more detail, such as `timeout`.
    public var detail: StaticString?
    /// Whether the entry was older than the request accepts. The client, who has said so, is not told.
    public var isTooOld = false

    /// Makes a status. `detail` is a token that the gateway defines.
    public init(_ outcome: Outcome, detail: StaticString? = nil, isTooOld: Bool = false) {
        self.outcome = outcome
        self.detail = detail
        self.isTooOld = isTooOld
    }

    /// The request was answered from the cache, with `remaining` milliseconds of freshness left. The seconds are
    /// rounded down, so that an answer past its time to live by less than a second has -1.
    public static func hit(remaining: Int64?) -> CacheStatus {
        CacheStatus(.hit(timeToLive: remaining.map { $0 >= 0 ? $0 / 1000 : ($0 + 1) / 1000 - 1 }))
    }

    /// Why, in one token from a bounded set. Unlike the detail, which is only what the client would not know otherwise, it
    /// always says something.
    public var reason: StaticString {
        if let detail { return detail }
        switch outcome {
        case .hit: return "hit"
        case .forwarded(.bypass): return "bypass"
        case .forwarded(.miss): return "absent"
        case .forwarded(.stale): return "expired"
        case .forwarded(.request): return isTooOld ? "too-old" : "no-cache"
        }
    }

    /// Appends the header's value.
    public func write(to text: inout WireText) {
        switch outcome {
        case .hit(let timeToLive):
            text.write("gateway; hit")
            if let timeToLive {
                text.write("; ttl=")
                text.write(decimal: timeToLive)
            }
        case .forwarded(let reason):
            text.write("gateway; fwd=")
            text.write(reason.token)
            if isStored { text.write("; stored") }
            if isCollapsed { text.write("; collapsed") }
        }
        if let detail {
            text.write("; detail=")
            text.write(detail)
        }
    }

    /// The header's value.
    public var value: String {
        var text = WireText(capacity: 64)
        write(to: &text)
        return text.withBytes { String(decoding: $0, as: UTF8.self) }
    }
}

extension CacheStatus.Forward {
    fileprivate var token: StaticString {
        switch self {
        case .bypass: "bypass"
        case .miss: "miss"
        case .request: "request"
        case .stale: "stale"
        }
    }
}
