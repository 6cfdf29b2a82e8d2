import CallTypes
import Dialects
import NIOHTTP1
import ResponseCache
import Testing

@testable import Gateway

@Suite("Routes")
struct RouteTests {
    @Test(
        "Each endpoint answers with and without /v1",
        arguments: [
            ("/chat/completions", Route.inference(Served.chat.type)),
            ("/completions", .inference(Served.completions.type)),
            ("/embeddings", .inference(Served.embeddings.type)), ("/models", .models(.openAI)),
            ("/models/gpt-4", .model(name: "gpt-4", .openAI)),
            ("/health/liveliness", .liveness), ("/health/liveness", .liveness), ("/health/readiness", .readiness),
            ("/cache/ping", .cachePing), ("/cache/stats", .cacheStats), ("/cache/delete", .cacheRemoval(.delete)),
            ("/cache/flushall", .cacheRemoval(.flush)), ("/cache/purge", .cacheRemoval(.purge)),
            ("/cache/redis/info", .redisInfo),
            ("/ui", .dashboard), ("/ui/data", .dashboardData),
            ("/health", .health),
        ]
    )
    func endpoints(path: String, route: Route) {
        #expect(Served.routes.route(target: path) == route)
        #expect(Served.routes.route(target: "/v1" + path) == route)
        #expect(Served.routes.route(target: "/v1" + path + "/") == route)
        #expect(Served.routes.route(target: "/v1" + path + "?a=b") == route)
    }

    @Test("The look-up of an entry has its query")
    func entry() {
        let target = "/cache/entry?key=a%3Ab&c"
        #expect(Served.routes.route(target: target) == .cacheEntry(query: "key=a%3Ab&c"))
        #expect(Served.routes.route(target: "/v1" + target) == .cacheEntry(query: "key=a%3Ab&c"))
    }

    @Test("Only what concerns all tenants is for the master key alone")
    func administrative() {
        for path in [
            "/health", "/cache/ping", "/v1/cache/ping", "/cache/stats", "/cache/delete", "/cache/flushall",
            "/cache/purge",
            "/cache/redis/info", "/cache/entry?key=a", "/ui", "/ui/data",
        ] {
            #expect(Served.routes.route(target: path)?.isAdministrative == true)
        }
        for path in ["/v1/chat/completions", "/v1/models", "/v1/model/info", "/health/readiness", "/v1/files/f"] {
            #expect(Served.routes.route(target: path)?.isAdministrative == false)
        }
    }

    @Test("Images and audio are passed on unless they are cached, also where the path names the model")
    func media() throws {
        let calls = Served.table.calls
        let forms = ["/audio/transcriptions", "/audio/translations", "/images/edits", "/images/variations"]
        for call in calls where call.path.hasPrefix("/audio/") || call.path.hasPrefix("/images/") {
            #expect(Served.routes.route(target: "/v1" + call.path) == .passThrough(path: call.path, .openAI))
            let deployment = "/openai/deployments/d" + call.path
            #expect(
                Served.routes.route(target: deployment) == .passThrough(path: "/deployments/d" + call.path, .openAI)
            )
            #expect(Served.routes.route(target: call.path) == nil)
            let cached = RouteTable(Served.table, cached: CallTypeSet([call.type]))
            let isForm = forms.contains(call.path)
            let route: Route = isForm ? .form(call.type, model: nil) : .inference(call.type)
            for target in ["/v1" + call.path, call.path, "/openai/v1" + call.path] {
                #expect(cached.route(target: target) == route)
            }
            #expect(
                cached.route(target: deployment)
                    == (isForm ? .form(call.type, model: "d") : .deployment(call.type, model: "d"))
            )
            let others = calls.filter { $0.path.hasPrefix("/audio/") && $0.type != call.type }
            for other in others {
                #expect(cached.route(target: "/v1" + other.path) == .passThrough(path: other.path, .openAI))
            }
            #expect(cached.description.contains(call.path) && !Served.routes.description.contains(call.path))
        }
    }

    @Test("A model's name may hold slashes and escapes")
    func modelNames() {
        #expect(Served.routes.route(target: "/v1/models/meta%2Fllama%203") == .model(name: "meta/llama 3", .openAI))
        #expect(Served.routes.route(target: "/models/meta/llama") == .model(name: "meta/llama", .openAI))
        #expect(Served.routes.route(target: "/models/%zz") == nil)
        #expect(Served.routes.route(target: "/models/%ff") == nil)
    }

    @Test("A slash or a question mark counts whatever marks stand behind it")
    func marks() {
        #expect(Served.routes.route(target: "/v1/models/a?\u{301}") == .model(name: "a", .openAI))
        #expect(Served.routes.route(target: "/v1/\u{301}models") == nil)
        #expect(Served.routes.route(target: "/v1/models\u{301}") == nil)
        let marks = String(repeating: "\u{301}", count: 15_000)
        #expect(Served.routes.route(target: "/v1/models/" + marks) == .model(name: marks, .openAI))
    }

    @Test(
        "OPTIONS asks for the methods of a path, or of the gateway as a whole",
        arguments: [
            ("/v1/chat/completions", "POST, OPTIONS"), ("/v1/models/gpt-4", "GET, HEAD, OPTIONS"),
            ("/v1/files/f?a=b", Route.allMethods), ("/openai/deployments/m/embeddings", "POST, OPTIONS"),
            ("*", Route.allMethods), ("/nothing", nil), ("", nil),
        ]
    )
    func options(target: String, allowed: String?) {
        let nowhere = Route.nowhere(.openAI)
        #expect(Served.routes.route(.OPTIONS, target) == allowed.map { .options(allowed: $0) } ?? nowhere)
        #expect(Served.routes.route(.GET, target) == Served.routes.route(target: target) ?? nowhere)
    }

    @Test(
        "Anything else is nowhere",
        arguments: ["", "/", "/v1", "/v2/models", "models", "/v1/v1/models", "*", "/chat"]
    )
    func nowhere(path: String) {
        #expect(Served.routes.route(target: path) == nil)
        #expect(Served.routes.route(.GET, path) == .nowhere(.openAI))
    }

    @Test(
        "Below Anthropic's mount and its call a client is told in Anthropic's form that nothing is there",
        arguments: [
            ("/anthropic", Route.nowhere(.anthropic)), ("/anthropic/", .nowhere(.anthropic)),
            ("/anthropic/v1/v1/messages", .nowhere(.anthropic)), ("/anthropic/v1/a/../b?c", .nowhere(.anthropic)),
            ("/v1/messages/../x", .nowhere(.anthropic)), ("/messages/a", .nowhere(.anthropic)),
            ("//anthropic/..", .nowhere(.anthropic)), ("/anthropical/v1/models", .nowhere(.openAI)),
            ("/v1/../messages", .nowhere(.openAI)), ("/anthropic/v1/models", .models(.anthropic)),
            ("/anthropic/v1/models/a", .model(name: "a", .anthropic)),
        ]
    )
    func families(target: String, route: Route) {
        #expect(Served.routes.route(.POST, target) == route)
    }
}
