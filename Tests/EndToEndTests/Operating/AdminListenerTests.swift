import Foundation
import Testing

/// `--admin-listen`: administration has a listener of its own.
@Suite("A listener for administration", .timeLimit(.minutes(1)))
struct AdminListenerTests {
    private static let administration = [
        "/health", "/cache/ping", "/v1/cache/ping", "/cache/stats", "/cache/flushall", "/cache/redis/info", "/config",
    ]
    private static let probes = ["/health/liveliness", "/health/liveness", "/health/readiness"]

    private func get(_ port: Int, _ path: String, _ method: String = "GET") async throws -> Response {
        try await Mock.ask(port, GatewayProcess.request(method, path, nil))
    }

    @Test("What is administrative is served there and nowhere else; what clients ask for is not")
    func routes() async throws {
        let service = try Service(
            Mock.configuration,
            ["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"]
        )
        let port = try await service.listening()
        #expect(try await service.logged(#/listening on http:\S* for administration/#))
        let admin = try #require(
            service.log.firstMatch(of: #/listening on http://127.0.0.1:(\d+) for administration/#).flatMap {
                Int($0.output.1)
            }
        )
        for path in Self.probes {
            #expect(try await get(port, path).status == 200)
            #expect(try await get(admin, path).status == 200)
        }
        #expect(try await get(admin, "/health").status == 200)
        #expect(try await get(admin, "/cache/ping").status != 404)
        for path in Self.administration {
            let hidden = try await get(port, path)
            #expect(hidden.status == 404, "\(path)")
            // It is the answer to any path at which there is nothing, but for the path.
            let nothing = try await get(port, "/nothing/at/all")
            #expect(
                hidden.text.replacingOccurrences(of: "GET \(path). ", with: "GET PATH. ")
                    == nothing.text.replacingOccurrences(of: "GET /nothing/at/all. ", with: "GET PATH. ")
            )
            #expect(!nothing.text.contains("/health") && !nothing.text.contains("/cache"), "\(nothing.text)")
            #expect(try await get(port, path, "OPTIONS").status == 404)
        }
        #expect(try await Mock.ask(port).content == "hello")
        #expect(try await Mock.ask(admin).status == 404)
        #expect(try await get(admin, "/v1/models").status == 404)
        #expect(try await get(admin, "/v1/files").status == 404)
        #expect(try await get(admin, "/health", "OPTIONS").status == 204)
        try await service.stop()
    }

    @Test("Readiness tells clients only whether the gateway is ready, and the operator more")
    func readiness() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.url.path + "/admin.sock"
        let service = try Service(Mock.configuration, ["--port", "0", "--admin-listen", "unix:\(path)"])
        let port = try await service.listening()
        #expect(try await service.logged(#/for administration/#))
        #expect(try await get(port, "/health/readiness").text == #"{"status":"healthy"}"#)
        let request = GatewayProcess.request("GET", "/health/readiness", nil)
        let detailed = try await Mock.ask(Connection.open(path: path), request)
        #expect(detailed.json["version"].string != nil)
        try await service.stop()
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test("Sockets are passed for administration too, and the others are for clients")
    func passed() async throws {
        let (web, admin) = (try PassedSocket(), try PassedSocket())
        let service = try Service(
            Mock.configuration,
            ["--admin-listen", "fd://admin"],
            sockets: [web.descriptor, admin.descriptor],
            names: "web:admin"
        )
        try await service.listening()
        #expect(try await service.logged(#/for administration/#))
        #expect(try await Mock.ask(web.port).content == "hello")
        #expect(try await get(admin.port, "/health").status == 200)
        #expect(try await get(web.port, "/health").status == 404)
        try await service.stop()
    }

    @Test("It is no place for everybody: beyond this machine it needs a master key, as any listener does")
    func open() async throws {
        let service = try Service(Mock.configuration, ["--port", "0", "--admin-listen", "0.0.0.0:0"])
        #expect(try await service.status == 78)
        #expect(service.log.contains("refusing to listen on 0.0.0.0:0 without a key"))
    }
}
