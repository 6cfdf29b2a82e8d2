import CallTypes
import Dialects
import Glibc
import HTTPSyntax
import NIOHTTP1
import Text

/// The routes of all paths: the calls of all API families, and the routes that the gateway answers itself. The table is
/// made once and shared by all event loops.
final class RouteTable: Sendable {
    /// A request line whose bytes are known in advance.
    struct Line: Sendable {
        /// The range of the line in the text of all lines.
        fileprivate let range: Range<Int>
        let method: HTTPMethod
        let target: String
        let route: Route

        /// The length of the line with its end, in bytes.
        var length: Int { range.count }
    }

    /// All calls, each at the position of its type.
    private let calls: [ServedCall]
    private let types: CallTable
    /// The calls that have a route. The others are passed on, like what the gateway does not know.
    private let routed: [ServedCall]
    /// The paths without a variable part and without `/v1`, the usual ones first.
    private let paths: [(path: [UInt8], route: Route)]
    private let lines: [Line]
    /// All known lines, one after the other.
    private let text: [UInt8]
    /// The headers that are sent to models and are part of the cache key.
    let keyedHeaders: [KeyedHeader]
    /// Whether further headers of clients are sent to models: see `ClientHeaders`.
    let forwardsClientHeaders: Bool
    /// The paths under which all calls of a family can be reached too.
    private let mounts: [(path: [UInt8], wire: WireProtocol)]
    /// The configured paths that lead to other servers.
    private let endpoints: EndpointRoutes
    /// The paths that clients ask for.
    private let clientPaths: [String]
    /// The paths for the operator that the error for an unknown path names.
    private static let administrativePaths = [
        "/health", "/metrics", "/cache/ping", "/cache/stats", "/cache/delete", "/cache/flushall", "/cache/purge",
        "/cache/entry", "/cache/redis/info", "/ui",
    ]

    /// Makes the table. Two calls with the same path, or a call at one of the gateway's own paths, are a programming
    /// error, which stops the process here.
    ///
    /// - Parameters:
    ///   - cached: the calls that are cached. One that is not cached by default either is passed on.
    init(
        _ dialects: DialectTable,
        cached: CallTypeSet = CallTypeSet(),
        forwardsClientHeaders: Bool = false,
        endpoints: EndpointRoutes = EndpointRoutes([])
    ) {
        self.forwardsClientHeaders = forwardsClientHeaders
        self.endpoints = endpoints
        let routed = dialects.calls.filter {
            dialects.types[$0.type].isCachedByDefault || cached.contains($0.type)
        }
        self.routed = routed
        let calls = routed.map { (path: Array($0.path.utf8), route: Self.route(to: $0, dialects.types)) }
        let own = Self.own.map { (path: Array($0.path.utf8), route: $0.route) }
        precondition(
            !calls.contains { call in own.contains { $0.path == call.path } },
            "a call has a path of the gateway's"
        )
        precondition(
            dialects.keyedHeaders.map(\.name).allSatisfy {
                FieldSyntax.isName($0) && !FieldSyntax.belongsToConnection($0) && !FieldSyntax.isCredential($0)
            },
            "a header that counts for the key cannot be forwarded"
        )
        self.calls = dialects.calls
        types = dialects.types
        paths = calls + own
        keyedHeaders = dialects.keyedHeaders
        mounts = dialects.mounts.map { (Array($0.path.utf8), $0.wire) }
        clientPaths = routed.map { "/v1\($0.path)" } + ["/v1/models"]
        var lines: [Line] = []
        var text: [UInt8] = []
        func add(_ method: HTTPMethod, _ target: String, _ route: Route) {
            let line = Array("\(method.rawValue) \(target) HTTP/1.1\r\n".utf8)
            lines.append(
                Line(range: text.count..<text.count + line.count, method: method, target: target, route: route)
            )
            text += line
        }
        for prefix in ["/v1", ""] {
            for call in routed where !endpoints.contains(prefix + call.path) {
                add(.POST, prefix + call.path, Self.route(to: call, dialects.types))
            }
        }
        for (target, route) in Self.usual { add(.GET, target, route) }
        self.lines = lines
        self.text = text
    }

    /// The route of a call, whose path may name the model.
    private static func route(to call: ServedCall, _ types: CallTable, model: String? = nil) -> Route {
        if types[call.type].takesForms { return .form(call.type, model: model) }
        return model.map { .deployment(call.type, model: $0) } ?? .inference(call.type)
    }

    private static let own: [(path: String, route: Route)] = [
        ("/models", .models(.openAI)), ("/model/info", .modelInfo), ("/model_group/info", .modelGroupInfo),
        ("/health/liveliness", .liveness), ("/health/liveness", .liveness),
        ("/health/readiness", .readiness), ("/health", .health), ("/cache/ping", .cachePing),
        ("/config/reload", .reload), ("/config", .configuration),
        ("/metrics", .metrics), ("/cache/stats", .cacheStats), ("/cache/delete", .cacheRemoval(.delete)),
        ("/cache/flushall", .cacheRemoval(.flush)), ("/cache/purge", .cacheRemoval(.purge)),
        ("/cache/entry", .cacheEntry(query: "")), ("/cache/redis/info", .redisInfo),
        ("/ui", .dashboard), ("/ui/data", .dashboardData),
    ]

    private static let usual: [(target: String, route: Route)] = [
        ("/v1/models", .models(.openAI)), ("/health/liveliness", .liveness), ("/health/readiness", .readiness),
    ]

    /// The list of paths that the error for an unknown path contains.
    var description: String { Self.list(clientPaths + Self.administrativePaths) }

    /// The list for a listener that serves a part of them.
    func description(in scope: ListenerScope) -> String {
        switch scope {
        case .everything: description
        case .clients: Self.list(clientPaths)
        case .administration: Self.list(Self.administrativePaths)
        }
    }

    private static func list(_ paths: [String]) -> String {
        let last = paths.last ?? ""
        return paths.count < 2 ? last : paths.dropLast().joined(separator: ", ") + " and " + last
    }

    /// Returns the known request line that agrees with the bytes, as far as both extend.
    func line(of bytes: UnsafeRawBufferPointer) -> Line? {
        text.withUnsafeBytes { text in
            for line in lines where bytes.agrees(with: text[line.range]) { return line }
            return nil
        }
    }

    /// The call with a given type.
    subscript(type: CallType) -> ServedCall { calls[type.position] }

    /// Returns the form in which errors are reported to a client that requests a route.
    func errors(of route: Route?) -> ErrorForm {
        switch route {
        case .inference(let type), .deployment(let type, _), .form(let type, _): self[type].errors
        case .passThrough(_, let wire), .models(let wire), .model(_, let wire), .nowhere(let wire):
            wire == .anthropic ? Anthropic.errors : OpenAI.errors
        case .endpoint, .modelInfo, .modelGroupInfo, .liveness, .readiness, .health, .cachePing, .cacheStats,
            .metrics, .cacheRemoval, .cacheEntry, .dashboard, .dashboardData, .redisInfo, .reload, .configuration,
            .options, nil:
            OpenAI.errors
        }
    }

    /// Returns the route of a request that was not read as one of the known lines.
    ///
    /// - Parameter target: the path and query, or `*`, which stands for the gateway as a whole where the method is
    ///   OPTIONS.
    func route(_ method: HTTPMethod, _ target: String) -> Route {
        if method == .OPTIONS, target.utf8.elementsEqual("*".utf8) { return .options(allowed: Route.allMethods) }
        guard let route = route(target: target) else { return .nowhere(family(ofUnknown: target)) }
        return method == .OPTIONS ? .options(allowed: route.allowedMethods) : route
    }

    /// The family in whose form a client is told that there is nothing at its path: that of the mount below which the
    /// path is, or Anthropic's below its call.
    private func family(ofUnknown target: String) -> WireProtocol {
        let segments = target.utf8.prefix { $0 != UInt8(ascii: "?") }.split(separator: UInt8(ascii: "/"))
        guard let first = segments.first else { return .openAI }
        if let mount = mounts.first(where: { $0.path.dropFirst().elementsEqual(first) }) { return mount.wire }
        let call = first.elementsEqual("v1".utf8) ? segments.dropFirst().first : first
        return call.map { $0.elementsEqual("messages".utf8) } == true ? .anthropic : .openAI
    }

    /// Returns the route of a request target. The result is nil where there is none. The query is ignored, the path may
    /// begin with that of a mount, `/v1` may be omitted, a slash may be doubled, and one may follow. A configured path
    /// comes before a call's. The time is proportional to the length of the target, whatever it contains.
    func route(target: String) -> Route? {
        // This has no effect, except on strings from Objective-C, which do not occur here.
        var target = target
        var named = target.withUTF8 { self.named($0) }
        if !endpoints.isEmpty, named?.isOwn != true { named = target.withUTF8 { endpoints.route($0) } ?? named }
        if let route = named ?? deployment(target) ?? passThrough(target) { return route }
        return Self.withSingleSlashes(target).flatMap { route(target: $0) }
    }

    /// Returns the target with one slash where its path has several in a row. It is nil where it has none such. Clients
    /// double a slash where a base URL ends with one.
    private static func withSingleSlashes(_ target: String) -> String? {
        let text = Array(target.utf8)
        let path = text.prefix { $0 != UInt8(ascii: "?") }
        var single: [UInt8] = []
        for byte in path where byte != UInt8(ascii: "/") || single.last != byte { single.append(byte) }
        guard single.count < path.count else { return nil }
        return String(decoding: single + text[path.endIndex...], as: UTF8.self)
    }

    /// The route of a call whose path names the model: `/openai/deployments/MODEL/CALL`, `/engines/MODEL/CALL`.
    private func deployment(_ target: String) -> Route? {
        let path = Array(target.utf8.prefix { $0 != UInt8(ascii: "?") })
        for prefix in ["/openai/deployments/", "/v1/engines/", "/engines/"] {
            guard path.starts(with: prefix.utf8) else { continue }
            let rest = path.dropFirst(prefix.utf8.count)
            let segment = rest.prefix { $0 != UInt8(ascii: "/") }
            let name = segment.withUnsafeBufferPointer { PercentEncoding.decode($0[...]) }
            guard let name, !name.isEmpty else { return nil }
            let call = rest.dropFirst(segment.count)
            return routed.first { $0.path.utf8.elementsEqual(call) }.map { Self.route(to: $0, types, model: name) }
        }
        return nil
    }

    /// The route of a path below `/v1` or a mount at which the gateway itself has nothing.
    private func passThrough(_ target: String) -> Route? {
        var path = Array(target.utf8)[...]
        let mount = mounts.first { path.starts(with: $0.path + [UInt8(ascii: "/")]) }
        path = path.dropFirst(mount?.path.count ?? 0)
        if path.starts(with: Self.version) { path = path.dropFirst(3) } else if mount == nil { return nil }
        // A version that is written twice is a mistake in a client's base URL.
        guard !path.starts(with: Self.version), path.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        // A path that leads out of the version's would be another one at the provider.
        let isPlain = path.withUnsafeBufferPointer { path in
            PathSegments.arePlain(path[...].prefix { $0 != UInt8(ascii: "?") })
        }
        guard isPlain else { return nil }
        let isMessages = path.starts(with: "/messages".utf8)
        return .passThrough(
            path: String(decoding: path, as: UTF8.self),
            isMessages ? .anthropic : mount?.wire ?? .openAI
        )
    }

    private func named(_ target: UnsafeBufferPointer<UInt8>) -> Route? {
        let slash = UInt8(ascii: "/")
        var path = target.prefix { $0 != UInt8(ascii: "?") }
        let mount = mounts.first { path.starts(with: $0.path) && path.dropFirst($0.path.count).first == slash }
        if let mount { path = path.dropFirst(mount.path.count) }
        if path.starts(with: Self.version) { path = path.dropFirst(3) }
        if path.count > 1, path.last == slash { path = path.dropLast() }
        let family = mount?.wire ?? .openAI
        for (known, route) in paths where path.elementsEqual(known) {
            switch route {
            case .models: return .models(family)
            case .cacheEntry: return .cacheEntry(query: Self.query(of: target))
            default: return route
            }
        }
        guard path.starts(with: Self.models), let name = PercentEncoding.decode(path.dropFirst(8)),
            !name.isEmpty
        else { return nil }
        return .model(name: name, family)
    }

    private static func query(of target: UnsafeBufferPointer<UInt8>) -> String {
        String(decoding: target.drop { $0 != UInt8(ascii: "?") }.dropFirst(), as: UTF8.self)
    }

    private static let version = Array("/v1/".utf8)
    private static let models = Array("/models/".utf8)
}

extension UnsafeRawBufferPointer {
    /// Whether the bytes and `other` are the same as far as both extend.
    fileprivate func agrees(with other: Slice<UnsafeRawBufferPointer>) -> Bool {
        let other = UnsafeRawBufferPointer(rebasing: other)
        guard let mine = baseAddress, let theirs = other.baseAddress else { return true }
        return memcmp(mine, theirs, Swift.min(count, other.count)) == 0
    }
}
