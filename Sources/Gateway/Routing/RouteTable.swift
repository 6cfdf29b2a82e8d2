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
    /// The paths without a variable part and without `/v1`, the usual ones first.
    private let paths: [(path: [UInt8], route: Route)]
    private let lines: [Line]
    /// All known lines, one after the other.
    private let text: [UInt8]
    /// The headers that are sent to models and are part of the cache key.
    let keyedHeaders: [KeyedHeader]
    /// The paths under which all calls of a family can be reached too.
    private let mounts: [[UInt8]]
    /// The list of paths that the error for an unknown path contains.
    let description: String

    /// Makes the table. Two calls with the same path, or a call at one of the gateway's own paths, are a programming
    /// error, which stops the process here.
    init(_ dialects: DialectTable) {
        let calls = dialects.calls.map { (path: Array($0.path.utf8), route: Route.inference($0.type)) }
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
        paths = calls + own
        keyedHeaders = dialects.keyedHeaders
        mounts = dialects.mounts.map { Array($0.utf8) }
        description =
            (dialects.calls.map { "/v1\($0.path)" } + ["/v1/models", "/health"]).joined(separator: ", ")
            + " and /cache/ping"
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
            for call in dialects.calls { add(.POST, prefix + call.path, .inference(call.type)) }
        }
        for (target, route) in Self.usual { add(.GET, target, route) }
        self.lines = lines
        self.text = text
    }

    private static let own: [(path: String, route: Route)] = [
        ("/models", .models), ("/health/liveliness", .liveness), ("/health/liveness", .liveness),
        ("/health/readiness", .readiness), ("/health", .health), ("/cache/ping", .cachePing),
    ]

    private static let usual: [(target: String, route: Route)] = [
        ("/v1/models", .models), ("/health/liveliness", .liveness), ("/health/readiness", .readiness),
    ]

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
        case .inference(let type): self[type].errors
        case .models, .model, .liveness, .readiness, .health, .cachePing, nil: OpenAI.errors
        }
    }

    /// Returns the route of a request target. The result is nil where there is none. The query is ignored, the path may
    /// begin with that of a mount, `/v1` may be omitted, and one slash may follow. The time is proportional to the length of the target, whatever it contains.
    func route(target: String) -> Route? {
        // This has no effect, except on strings from Objective-C, which do not occur here.
        var target = target
        return target.withUTF8 { named($0) }
    }

    private func named(_ target: UnsafeBufferPointer<UInt8>) -> Route? {
        let slash = UInt8(ascii: "/")
        var path = target.prefix { $0 != UInt8(ascii: "?") }
        let mount = mounts.first { path.starts(with: $0) && path.dropFirst($0.count).first == slash }
        if let mount { path = path.dropFirst(mount.count) }
        if path.starts(with: Self.version) { path = path.dropFirst(3) }
        if path.count > 1, path.last == slash { path = path.dropLast() }
        for (known, route) in paths where path.elementsEqual(known) { return route }
        guard path.starts(with: Self.models), let name = PercentEncoding.decode(path.dropFirst(8)) else { return nil }
        return .model(name: name)
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
