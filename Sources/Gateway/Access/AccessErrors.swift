import Text

extension APIError {
    /// 401: the key is a tenant's, but has ended.
    static func expiredKey(of name: String, at time: String) -> APIError {
        .unauthorized("the API key '\(name)' expired at \(time); ask the gateway's operator for another.")
    }

    /// 403: the route is for the master key alone.
    static func needsMasterKey(path: String) -> APIError {
        APIError(
            status: 403,
            message: "\(path) is for the master key alone, because it concerns all tenants.",
            type: "invalid_request_error",
            parameter: nil,
            code: "insufficient_permissions"
        )
    }

    /// 429: the holders of a key have sent too many requests.
    ///
    /// - Parameters:
    ///   - wait: after how many nanoseconds the next one is admitted.
    ///   - lines: the header fields that say what is left of the limit.
    static func tooManyRequests(of tenant: Tenant, wait: UInt64, at now: UInt64) -> APIError {
        let seconds = wait / 1_000_000_000 + (wait % 1_000_000_000 == 0 ? 0 : 1)
        let limit = tenant.limits.requestsPerMinute ?? 0
        return APIError(
            status: 429,
            message:
                "The API key '\(tenant.name)' has a limit of \(limit) request\(limit == 1 ? "" : "s") per minute, which is "
                + "reached; try again in \(seconds) s.",
            type: "requests",
            parameter: nil,
            code: "rate_limit_exceeded",
            headers: [("retry-after", "\(seconds)")] + (tenant.rateFields(at: now) ?? [])
        )
    }

    /// 429: too many requests of the holders of a key are being answered.
    static func tooManyAtOnce(of tenant: Tenant, at now: UInt64) -> APIError {
        let limit = tenant.limits.parallelRequests ?? 0
        return APIError(
            status: 429,
            message:
                "The API key '\(tenant.name)' has a limit of \(limit) request\(limit == 1 ? "" : "s") at a time, which is "
                + "reached; try again when one has ended.",
            type: "requests",
            parameter: nil,
            code: "rate_limit_exceeded",
            headers: [("retry-after", "1")] + (tenant.rateFields(at: now) ?? [])
        )
    }
}
