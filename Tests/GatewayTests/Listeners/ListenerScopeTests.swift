import CallTypes
import Dialects
import Testing

@testable import Gateway

@Suite("Which routes a listener serves")
struct ListenerScopeTests {
    private let routes = RouteTable(.served)

    private func route(_ path: String) throws -> Route { try #require(routes.route(target: path)) }

    @Test(
        "What is administrative is served by a listener for administration alone, where there is one",
        arguments: ["/health", "/cache/ping", "/v1/cache/ping", "/cache/flushall", "/cache/purge", "/cache/stats"]
    )
    func administration(path: String) throws {
        #expect(try ListenerScope.everything.serves(route(path)))
        #expect(try ListenerScope.administration.serves(route(path)))
        #expect(try !ListenerScope.clients.serves(route(path)))
    }

    @Test(
        "What clients ask for is served by listeners for clients alone",
        arguments: ["/v1/chat/completions", "/v1/models", "/model/info", "/v1/files", "/v1/models/gpt-4"]
    )
    func clients(path: String) throws {
        #expect(try ListenerScope.everything.serves(route(path)))
        #expect(try ListenerScope.clients.serves(route(path)))
        #expect(try !ListenerScope.administration.serves(route(path)))
    }

    @Test("Nothing is served where nothing is, so that the answer names the paths of the listener alone")
    func nowhere() {
        for scope in [ListenerScope.clients, .administration] { #expect(!scope.serves(.nowhere(.openAI))) }
    }

    @Test("Probes are answered everywhere", arguments: ["/health/liveliness", "/health/liveness", "/health/readiness"])
    func probes(path: String) throws {
        for scope in [ListenerScope.everything, .clients, .administration] { #expect(try scope.serves(route(path))) }
    }

    @Test("Every listener names its own paths to those who look for others")
    func descriptions() {
        #expect(routes.description(in: .everything) == routes.description)
        #expect(routes.description.hasSuffix("/v1/models, " + routes.description(in: .administration)))
        #expect(routes.description(in: .clients).hasSuffix(" and /v1/models"))
        #expect(routes.description(in: .administration).hasPrefix("/health, /metrics, /cache/ping"))
    }
}
