import Configuration
import ContentCoding
import HTTPSyntax
import NIOCore
import NIOHTTP1
import Text

/// Decides from a request's head alone whether it is read and answered. It is immutable and shared by all event loops.
final class Admission: Sendable {
    private let identification: Identification
    private let metrics: MetricsSettings
    private let bodyLimit: Int
    /// The paths that there are, as a list in words.
    private let served: String

    /// - Parameters:
    ///   - masterKey: the key that administers. If it is nil and there are no other keys, every request is admitted.
    ///   - keys: the keys of tenants.
    ///   - bodyLimit: the greatest size of a body in bytes.
    ///   - served: the paths that there are, as a list in words.
    ///   - metrics: who may ask for `/metrics`.
    ///   - clock: returns the time in seconds since 1970.
    init(
        masterKey: String?,
        keys: ClientKeys = ClientKeys(),
        bodyLimit: Int,
        served: String,
        metrics: MetricsSettings = MetricsSettings(),
        clock: @escaping @Sendable () -> Int64 = Admission.now
    ) {
        identification = Identification(masterKey: masterKey, keys: keys, clock: clock)
        self.metrics = metrics
        self.bodyLimit = bodyLimit
        self.served = served
    }

    /// Whether requests need a key, unless their route is public.
    var needsKey: Bool { !identification.isOpen }

    /// The time in seconds since 1970.
    static func now() -> Int64 { Int64(MachineClock.coarse().seconds) }

    /// Returns the caller of the request, or the error that it is answered with. A caller with a tenant's key was counted
    /// for its limits, which ends with the request.
    ///
    /// - Parameter scope: what the listener is for that accepted the connection.
    func admit(_ head: RequestHead, at scope: ListenerScope = .everything) -> Result<Transaction.Caller, APIError> {
        let route = head.route
        if case .nowhere = route {
            return .failure(.unknownPath(of: head, served: served))
        }
        guard Self.isAllowed(head.method, route) else {
            return .failure(
                .methodNotAllowed(
                    method: head.method.rawValue,
                    path: head.printablePath,
                    allowed: route.allowedMethods
                )
            )
        }
        let caller: Transaction.Caller
        if identification.isOpen || route.isPublic || (route == .metrics && metrics.isPublic(at: scope)) {
            caller = .anonymous
        } else if identification.isPlainlyMaster(head.fields) {
            caller = .master
        } else {
            switch identification.caller(head.fields) {
            case .success(let known): caller = known
            case .failure(let error): return .failure(error)
            }
        }
        if let coding = head.fields.contentEncoding, !Self.takes(coding, route) {
            return .failure(.unsupportedCoding(coding))
        }
        if let length = head.fields.contentLength, length > bodyLimit {
            let limit = head.passesBodyAfter == nil ? bodyLimit : PassedBody.longest
            if length > limit { return .failure(.tooLarge(limit: limit)) }
        }
        guard case .tenant(let tenant) = caller else { return .success(caller) }
        return Self.admit(tenant, head)
    }

    /// Returns whose key a request has, or the error that it is answered with, without counting it for any limit.
    func caller(_ fields: RequestFields) -> Result<Transaction.Caller, APIError> {
        identification.isOpen ? .success(.anonymous) : identification.caller(fields)
    }

    private static func admit(_ tenant: Tenant, _ head: RequestHead) -> Result<Transaction.Caller, APIError> {
        if head.route.isAdministrative { return .failure(.needsMasterKey(path: head.printablePath)) }
        guard let usage = tenant.usage else { return .success(.tenant(tenant)) }
        let now = NIODeadline.now().uptimeNanoseconds
        return switch usage.begin(tenant.limits, at: now) {
        case .admitted: .success(.tenant(tenant))
        case .tooMany(let wait): .failure(.tooManyRequests(of: tenant, wait: wait, at: now))
        case .tooManyAtOnce: .failure(.tooManyAtOnce(of: tenant, at: now))
        }
    }

    private static func isAllowed(_ method: HTTPMethod, _ route: Route) -> Bool {
        switch route {
        case .inference, .deployment, .form, .reload, .cacheRemoval: method == .POST
        case .passThrough: [.GET, .HEAD, .POST, .PUT, .PATCH, .DELETE].contains(method)
        case .endpoint(let settings, _, _): settings.methods.contains(method.rawValue)
        case .options: method == .OPTIONS
        case .nowhere: false
        case .models, .model, .modelInfo, .modelGroupInfo, .liveness, .readiness, .health, .cachePing, .cacheStats,
            .metrics, .cacheEntry, .dashboard, .dashboardData, .redisInfo, .configuration:
            method == .GET || method == .HEAD
        }
    }

    /// Whether a body with these codings is read. One that is passed on is for its provider to decode.
    private static func takes(_ codings: String, _ route: Route) -> Bool {
        switch route {
        case .passThrough, .endpoint: true
        default: ContentCoding(field: codings) != nil
        }
    }
}

extension APIError {
    /// 415: the body has a coding that the gateway does not decode.
    static func unsupportedCoding(_ coding: String) -> APIError {
        APIError(
            status: 415,
            message: "The request body is coded as '\(coding.quotable)'; send it with one of the codings "
                + "\(ContentCoding.accepted), or without Content-Encoding.",
            type: "invalid_request_error",
            parameter: nil,
            code: "unsupported_content_encoding",
            headers: [("accept-encoding", ContentCoding.accepted)]
        )
    }

    /// 400, 413, 431 or 505: the bytes are not a request, or not one that is read.
    static func malformed(_ error: MalformedRequest, bodyLimit: Int) -> APIError {
        switch error {
        case .bodyTooLarge: .tooLarge(limit: bodyLimit)
        case .headTooLarge: .malformed(error.reason, status: 431, code: "headers_too_large")
        case .version: .malformed(error.reason, status: 505, code: "http_version_not_supported")
        case .requestLine, .field, .host, .contentLength, .transferEncoding, .chunk:
            .malformed(error.reason, status: 400, code: "malformed_request")
        }
    }

    private static func malformed(_ reason: String, status: Int, code: String) -> APIError {
        APIError(status: status, message: reason, type: "invalid_request_error", parameter: nil, code: code)
    }
}

extension MetricsSettings {
    /// Whether a listener answers `/metrics` without a key: one for administration, unless the configuration wants a key
    /// everywhere; any, where the configuration says that none is wanted.
    fileprivate func isPublic(at scope: ListenerScope) -> Bool {
        requiresKey.map { !$0 } ?? (scope == .administration)
    }
}
