import CallTypes
import Dialects
import ResponseCache

extension Generation {
    /// Why the cache has no part in a request, as a clause. It is nil where it has.
    func reasonAgainstCaching(_ inquiry: Inquiry, _ call: ServedCall) -> String? {
        guard case .bypassed(let reason, let detail, _) = inquiry.caching else { return nil }
        guard let policy = cachePolicy else {
            return "the configuration has no cache: litellm_settings.cache is not true"
        }
        if let detail { return "\(Self.meaning(of: detail)) (detail=\(detail))" }
        if case .request = reason { return "it says 'caching': false" }
        guard policy.callTypes.contains(call.type) else {
            return "cache_params.supported_call_types does not list \(call.path)"
        }
        return "the cache is used on request only (mode: default_off), and it does not say 'cache': {'use-cache': true}"
    }

    /// What the detail of a bypass says of the request, as docs/caching.md does.
    private static func meaning(of detail: StaticString) -> String {
        switch detail.description {
        case "off": "the cache is off for its model"
        case "temperature": "its temperature is above only_if.max_temperature of its model"
        case "tools": "it has tools, and only_if.no_tools of its model is true"
        case "messages": "it has more messages than only_if.max_messages of its model"
        case "bytes": "its body is larger than only_if.max_bytes of its model"
        case "stateful": "it continues what the provider keeps, and cache_params.cache_stateful is not true"
        case "background": "it asks for an answer in the background"
        case "unversioned-prompt": "it names a prompt without its version"
        case "tool": "it has a tool that the provider runs, and cache_params.cache_tools does not list it"
        case "max_tokens": "it has 'max_tokens': 0, which only fills the provider's own cache"
        case "one-off": "it has a member that works once only"
        case "stream": "it asks for a stream of a call whose streams are not kept"
        default: "it is of a kind that is not cached"
        }
    }
}

extension Inquiry {
    /// What the request's controls of the cache do, a sentence each.
    var effects: [String] {
        if case .bypassed = caching { return [] }
        var effects: [String] = []
        if !use.mayRead { effects.append("no-cache: it is not answered from the cache; its answer is stored") }
        if !use.mayStore { effects.append("no-store: its answer is not stored; it may be answered from the cache") }
        if controls.onlyIfCached { effects.append("only-if-cached: it is answered from the cache or with 504") }
        if let time = controls.timeToLive {
            effects.append(
                time == 0 ? "ttl 0: its answer is not stored" : "ttl: its answer is kept for \(Self.seconds(time)) s"
            )
        }
        if let age = controls.limits.maxAge {
            effects.append("max-age: it takes entries of at most \(Self.seconds(age)) s")
        }
        if let time = controls.limits.minFresh {
            effects.append("min-fresh: it takes entries that are fresh for at least \(Self.seconds(time)) s more")
        }
        switch controls.limits.maxStale {
        case .none: break
        case .any: effects.append("max-stale: it takes entries past their time to live")
        case .upTo(let time):
            effects.append("max-stale: it takes entries up to \(Self.seconds(time)) s past their time to live")
        }
        if !controls.tags.isEmpty { effects.append("tags: its answer can be purged by \(controls.tags.count) tags") }
        return effects
    }

    private static func seconds(_ milliseconds: UInt64) -> String {
        milliseconds % 1_000 == 0 ? "\(milliseconds / 1_000)" : "\(Double(milliseconds) / 1_000)"
    }
}
