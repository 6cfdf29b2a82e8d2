import Foundation
import Testing

@Suite("Settings of metrics", .timeLimit(.minutes(1)))
struct MetricsSettingsTests {
    @Test("They are off where the file says so, and a reload turns them on and off")
    func off() async throws {
        let off = Configurations.local + "general_settings:\n  metrics: false\n"
        try await withGateway(off, arguments: GatewayProcess.pidFile) { gateway, upstream async throws in
            let answer = try await gateway.get("/metrics")
            #expect(answer.status == 404 && answer.text.contains("general_settings"), "\(answer.text)")
            _ = try await gateway.hit("one")
            try gateway.configure(Configurations.local, upstream)
            #expect(try await gateway.reload().status == 0)
            #expect(try await gateway.scrape().sum("gateway_requests_total", ["cache": "hit"]) == 0)
            #expect(try await gateway.chat("one").isHit)
            let scrape = try await gateway.scrape()
            #expect(scrape.sum("gateway_requests_total", ["cache": "hit"]) == 1)
            #expect(scrape.sum("gateway_backend_operations_total", ["operation": "get"]) == 1)
            try gateway.configure(off, upstream)
            #expect(try await gateway.reload().status == 0)
            #expect(try await gateway.get("/metrics").status == 404)
        }
    }

    @Test(
        "LiteLLM's callbacks that name prometheus give no warning, and others do",
        arguments: [
            "callbacks: [prometheus]", "success_callback: prometheus", "failure_callback: [\"prometheus\", langfuse]",
        ]
    )
    func callbacks(_ line: String) async throws {
        let configuration = Configurations.local + "  \(line)\n"
        try await withGateway(configuration) { gateway, _ async throws in
            _ = try await gateway.chat("one")
            #expect(try await gateway.scrape().sum("gateway_requests_total") >= 1)
            #expect(!gateway.log.contains("prometheus"), "\(gateway.log)")
            #expect(gateway.log.contains("'langfuse'") == line.contains("langfuse"), "\(gateway.log)")
        }
    }

    @Test(
        "A listener for administration needs no key for them, unless the file wants one",
        arguments: [(nil, 200, 404), (true, 401, 404), (false, 200, 404)] as [(Bool?, Int, Int)]
    )
    func administration(_ requiresKey: Bool?, _ atAdministration: Int, _ forClients: Int) async throws {
        let setting = requiresKey.map { "litellm_settings:\n  require_auth_for_metrics_endpoint: \($0)\n" } ?? ""
        let service = try Service(
            Mock.configuration + setting + "general_settings: {master_key: sk-master}\n",
            ["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"]
        )
        let port = try await service.listening()
        #expect(try await service.logged(#/listening on http:\S* for administration/#))
        let admin = try #require(
            service.log.firstMatch(of: #/listening on http://127.0.0.1:(\d+) for administration/#).flatMap {
                Int($0.output.1)
            }
        )
        let request = GatewayProcess.request("GET", "/metrics", nil)
        #expect(try await Mock.ask(admin, request).status == atAdministration)
        #expect(try await Mock.ask(port, request).status == forClients)
        let withKey = GatewayProcess.request("GET", "/metrics", nil, headers: ["Authorization": "Bearer sk-master"])
        #expect(try await Mock.ask(admin, withKey).status == 200)
        try await service.stop()
    }

    @Test("Where there is one listener, the key is wanted unless the file wants none")
    func oneListener() async throws {
        let key = "general_settings: {master_key: sk-master}\n"
        for (setting, status) in [("", 401), ("litellm_settings: {require_auth_for_metrics_endpoint: false}\n", 200)] {
            let service = try Service(Mock.configuration + setting + key, ["--port", "0"])
            let port = try await service.listening()
            #expect(try await Mock.ask(port, GatewayProcess.request("GET", "/metrics", nil)).status == status)
            try await service.stop()
        }
    }
}
