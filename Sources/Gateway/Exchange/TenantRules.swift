import Configuration
import Dialects
import ResponseCache
import Text
import Upstream

/// What a tenant may ask for, judged by what was read of a request.
extension Tenant {
    /// Refuses a model that the tenant may not request, as one that does not exist.
    ///
    /// - Parameter name: the name that the request has. It is empty where it has none, so that the model is the default.
    func check(_ group: ModelGroup, named name: String, in generation: Generation) throws(APIError) {
        guard mayRequest(name, of: group) else {
            throw generation.refusal(of: name.isEmpty ? group.name : name, for: self)
        }
    }

    /// Refuses controls of the cache that the tenant may not use, and limits the time to live.
    ///
    /// - Parameters:
    ///   - isCachingOff: whether the request has `caching: false`.
    ///   - namesKey: whether the request names its own cache key.
    func restrict(_ controls: inout CacheControls, isCachingOff: Bool, namesKey: Bool) throws(APIError) {
        if let allowed = self.controls {
            var used = controls.used
            if isCachingOff { used.append(.caching) }
            if namesKey { used.append(.cacheKey) }
            if let refused = used.first(where: { !allowed.contains($0) }) {
                throw .forbiddenControl(refused.rawValue, of: self.name)
            }
        }
        if let longest = longestTimeToLive, let given = controls.timeToLive {
            controls.timeToLive = min(given, longest)
        }
    }
}

extension CacheControls {
    /// The controls that have an effect on the request.
    var used: [ClientControl] {
        var used: [ClientControl] = []
        if timeToLive != nil { used.append(.ttl) }
        if limits.maxAge != nil { used.append(.maxAge) }
        if noCache { used.append(.noCache) }
        if noStore { used.append(.noStore) }
        if namespace != nil { used.append(.namespace) }
        if useCache { used.append(.useCache) }
        if onlyIfCached { used.append(.onlyIfCached) }
        if limits.maxStale != .none { used.append(.maxStale) }
        if limits.minFresh != nil { used.append(.minFresh) }
        if !tags.isEmpty { used.append(.tags) }
        return used
    }
}

extension APIError {
    /// 403: the client's key may not use a control of the cache, as LiteLLM answers.
    static func forbiddenControl(_ name: String, of key: String) -> APIError {
        APIError(
            status: 403,
            message: "The API key '\(key)' may not use '\(name)' to control the cache; leave it out.",
            type: "invalid_request_error",
            parameter: "cache",
            code: "cache_control_not_allowed"
        )
    }
}
