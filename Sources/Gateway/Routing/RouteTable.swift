import CallTypes
import Dialects
import Glibc
import HTTPSyntax
import NIOHTTP1
import Text

/// What is found at which path: the calls of all API families, and what the gateway answers itself. It is made once and
/// shared by all event loops.
final class RouteTable: Sendable {
    /// A request line that is known byte for byte.
    struct Line: Sendable {
        /// Where the line stands in the text of all lines.
        fileprivate let range: Range<Int>
        let method: HTTPMethod
        let target: String
        let route: Route

        /// The length of the line with its end, in bytes.
        var length: Int { range.count }
    }

    /// All calls; each stands at the position of its type.
    private let calls: [ServedCall]
    /// The paths without a variable part and without `/v1`, the usual ones first.
    private let paths: [(path: [UInt8], route: Route)]
    private let lines: [Line]
    /// All known lines, one after the other.
    private let text: [UInt8]
    /// The names of the headers that go to models and count for the key, in lower case.
    let keyedHeaders: [[UInt8]]
    /// The paths that requests are told of where there is nothing at theirs.
    let description: String

    /// Two calls of one path, and a call at a path of the gateway's own, are defects of the program, which stops here.
    init(_ dialects: DialectTable) {
        let calls = dialects.calls.map { (path: Array($0.path.utf8), route: Route.inference($0.type)) }
        let own = Self.own.map { (path: Array($0.path.utf8), route: $0.route) }
        precondition(
            !calls.contains { call in own.contains { $0.path == call.path } },
            "a call has a path of the gateway's"
        )
        self.calls = dialects.calls
        paths = calls + own
        keyedHeaders = dialects.keyedHeaders.map { Array($0.utf8) }
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

    /// The known request line that bytes begin with, as far as both go.
    func line(of bytes: UnsafeRawBufferPointer) -> Line? {
        text.withUnsafeBytes { text in
            for line in lines where bytes.agrees(with: text[line.range]) { return line }
            return nil
        }
    }

    /// A call of the dialects that the table was made of.
    subscript(type: CallType) -> ServedCall { calls[type.position] }

    /// How errors are reported to a client that asks for a route.
    func errors(of route: Route?) -> ErrorForm {
        switch route {
        case .inference(let type): self[type].errors
        case .models, .model, .liveness, .readiness, .health, .cachePing, nil: OpenAI.errors
        }
    }

    /// The route of a request target, or nil where there is none. The query is ignored; `/v1` may be left out; one slash
    /// may follow. It takes time in proportion to the target's length, whatever it holds.
    func route(target: String) -> Route? {
        // A no-op for every string but one that came from Objective-C, which there is none of.
        var target = target
        return target.withUTF8 { named($0) }
    }

    private func named(_ target: UnsafeBufferPointer<UInt8>) -> Route? {
        let slash = UInt8(ascii: "/")
        var path = target.prefix { $0 != UInt8(ascii: "?") }
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
    /// Whether the bytes and `other` are the same as far as both go.
    fileprivate func agrees(with other: Slice<UnsafeRawBufferPointer>) -> Bool {
        let other = UnsafeRawBufferPointer(rebasing: other)
        guard let mine = baseAddress, let theirs = other.baseAddress else { return true }
        return memcmp(mine, theirs, Swift.min(count, other.count)) == 0
    }
}
