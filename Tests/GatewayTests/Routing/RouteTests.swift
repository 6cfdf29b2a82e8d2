import ResponseCache
import Testing

@testable import Gateway

@Suite("Routes")
struct RouteTests {
    @Test(
        "Each endpoint answers with and without /v1",
        arguments: [
            ("/chat/completions", Route.inference(.completion)), ("/completions", .inference(.textCompletion)),
            ("/embeddings", .inference(.embedding)), ("/models", .models), ("/models/gpt-4", .model(name: "gpt-4")),
            ("/health/liveliness", .liveness), ("/health/liveness", .liveness), ("/health/readiness", .readiness),
            ("/cache/ping", .cachePing),
            ("/health", .health),
        ]
    )
    func endpoints(path: String, route: Route) {
        #expect(Route(target: path) == route)
        #expect(Route(target: "/v1" + path) == route)
        #expect(Route(target: "/v1" + path + "/") == route)
        #expect(Route(target: "/v1" + path + "?a=b") == route)
    }

    @Test("A model's name may hold slashes and escapes")
    func modelNames() {
        #expect(Route(target: "/v1/models/meta%2Fllama%203") == .model(name: "meta/llama 3"))
        #expect(Route(target: "/models/meta/llama") == .model(name: "meta/llama"))
        #expect(Route(target: "/models/%zz") == nil)
        #expect(Route(target: "/models/%ff") == nil)
    }

    @Test(
        "Anything else is nowhere",
        arguments: ["", "/", "/v1", "/v2/models", "models", "/v1/v1/models", "*", "/chat"]
    )
    func nowhere(path: String) {
        #expect(Route(target: path) == nil)
    }
}
