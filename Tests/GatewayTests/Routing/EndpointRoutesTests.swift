import Dialects
import Testing

@testable import Configuration
@testable import Gateway

@Suite("The routes of pass_through_endpoints")
struct EndpointRoutesTests {
    private static func endpoint(_ path: String, subpaths: Bool = false) -> PassThroughSettings {
        let position = SourcePosition(file: "f")
        return PassThroughSettings(
            path: path,
            target: "http://h",
            headers: [],
            forwardsHeaders: false,
            includesSubpaths: subpaths,
            methods: PassThroughSettings.allMethods,
            requiresKey: true,
            pathPosition: position,
            targetPosition: position
        )
    }

    private static let exact = endpoint("/a")
    private static let open = endpoint("/a/b", subpaths: true)
    private static let rerank = endpoint("/v1/rerank")
    private static let health = endpoint("/health")
    private let routes = RouteTable(Served.table, endpoints: EndpointRoutes([exact, open, rerank, health]))

    @Test(
        "lead there with the path below theirs and the query",
        arguments: [
            ("/a", Route.endpoint(exact, path: "", query: "")), ("/a?x=/b", .endpoint(exact, path: "", query: "x=/b")),
            ("/a/", .endpoint(exact, path: "", query: "")), ("/a/b", .endpoint(open, path: "", query: "")),
            ("/a/b/c%20d/e?f", .endpoint(open, path: "/c%20d/e", query: "f")),
            ("//a", .endpoint(exact, path: "", query: "")), ("/v1/rerank", .endpoint(rerank, path: "", query: "")),
        ]
    )
    func routes(target: String, route: Route) {
        #expect(routes.route(target: target) == route)
    }

    @Test("do not lead out of their path", arguments: ["/ab", "/a/x", "/a/b/..", "/a/b/%2e%2E/c", "/a/b/./c", "/a/bc"])
    func outside(target: String) {
        #expect(routes.route(target: target) == nil)
    }

    @Test("come before the calls below their path, however the head of a request is read")
    func belowPath() {
        let chat = Self.endpoint("/v1/chat", subpaths: true)
        let routes = RouteTable(Served.table, endpoints: EndpointRoutes([chat]))
        let route = Route.endpoint(chat, path: "/completions", query: "")
        #expect(routes.route(target: "/v1/chat/completions") == route)
        let line = Array("POST /v1/chat/completions HTTP/1.1\r\n".utf8)
        #expect(line.withUnsafeBytes { routes.line(of: $0) } == nil)
    }

    @Test("leave the gateway's own paths and other calls as they are")
    func others() {
        #expect(routes.route(target: "/health") == .health)
        #expect(routes.route(target: "/v1/chat/completions") == .inference(Served.chat.type))
        let line = Array("POST /v1/rerank HTTP/1.1\r\n".utf8)
        #expect(line.withUnsafeBytes { routes.line(of: $0) } == nil)
        #expect(line.withUnsafeBytes { Served.routes.line(of: $0) } != nil)
    }
}
