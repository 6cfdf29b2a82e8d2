import Foundation
import Synchronization
import Testing

@Suite("The export of traces", .timeLimit(.minutes(1)))
struct ExportTests {
    /// Sends requests, and requires each to be answered without regard to the collector.
    private func ask(_ gateway: GatewayProcess, _ count: Int = 3) async throws {
        let clock = ContinuousClock()
        for number in 0..<count {
            let start = clock.now
            #expect(try await gateway.chat("\(number)").status == 200)
            #expect(clock.now - start < .seconds(2))
        }
    }

    @Test("has the headers, the resource and the path that the environment or .env gives")
    func settings() async throws {
        let collector = try await Collector.start()
        let url = try #require(collector.environment["OTEL_EXPORTER_OTLP_ENDPOINT"])
        let dotEnv = """
            OTEL_EXPORTER_OTLP_ENDPOINT=\(url)/base/
            OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20sk-collector,x-team=a
            OTEL_SERVICE_NAME=edge
            OTEL_RESOURCE_ATTRIBUTES=deployment.environment.name=test
            OTEL_BSP_SCHEDULE_DELAY=50
            """
        try await withGateway(dotEnv: dotEnv) { gateway, _ async throws in
            try await ask(gateway, 1)
            let resource = try await collector.spans(3)[0].json["resource"]
            #expect(resource["service.name"].string == "edge")
            #expect(resource["deployment.environment.name"].string == "test")
            let request = try #require(collector.requests.first)
            #expect(request.method == "POST" && request.uri == "/base/v1/traces")
            #expect(request["content-type"] == "application/x-protobuf")
            #expect(request["authorization"] == "Bearer sk-collector" && request["x-team"] == "a")
            #expect(gateway.log.contains("traces are sent to \(url)/base/v1/traces"))
            #expect(!gateway.log.contains("sk-collector"))
        }
    }

    @Test("is tried again where the collector is overloaded, and loses nothing", arguments: [429, 502, 503, 504])
    func overloaded(status: Int) async throws {
        let collector = try await Collector.start { _, number in
            number == 1 ? .failure(status, headers: [("retry-after", "0")]) : .accepted
        }
        try await withGateway(environment: collector.environment) { gateway, _ async throws in
            try await ask(gateway, 1)
            try await eventually("the batch was sent again") { collector.requests.count >= 2 }
            #expect(collector.requests[0].body == collector.requests[1].body)
        }
        #expect(try await collector.spansSoFar().count >= 3)
    }

    @Test("of what a collector refuses is given up, and the log says how much")
    func refused() async throws {
        let collector = try await Collector.start { _, _ in .failure(400) }
        try await withGateway(environment: collector.environment) { gateway, _ async throws in
            try await ask(gateway, 1)
            #expect(try await gateway.logged(#/3 spans were dropped: the collector answered with 400/#))
            #expect(collector.requests.count == 1)
        }
    }

    @Test("reports what a collector takes only in part")
    func partialSuccess() async throws {
        // ExportTraceServiceResponse(partial_success=(rejected_spans=3, error_message="full"))
        let body: [UInt8] = [0x0A, 0x08, 0x08, 0x03, 0x12, 0x04, 0x66, 0x75, 0x6C, 0x6C]
        let collector = try await Collector.start { _, _ in Answer(body: .bytes(body)) }
        try await withGateway(environment: collector.environment) { gateway, _ async throws in
            try await ask(gateway, 1)
            #expect(try await gateway.logged(#/3 spans were dropped: the collector refused them: full/#))
        }
    }

    @Test("delays no request and no stop where the collector is down, and loses are counted")
    func down() async throws {
        let collector = try await Collector.start()
        try await collector.close()
        let gateway = try await GatewayProcess.start(Self.mock, environment: collector.environment)
        for number in 0..<3 { #expect(try await gateway.chat("\(number)", model: "m").status == 200) }
        let start = ContinuousClock.now
        gateway.terminate()
        #expect(try await gateway.status == 0)
        #expect(ContinuousClock.now - start < .seconds(4))
        #expect(try await gateway.logged(#/\d+ spans? (was|were) dropped: .*127\.0\.0\.1/#), "\(gateway.log)")
    }

    @Test("delays no request, and a stop by three seconds at most, where the collector never answers")
    func silent() async throws {
        let collector = try await Collector.start { _, _ in Answer(body: .silence) }
        let gateway = try await GatewayProcess.start(Self.mock, environment: collector.environment)
        for number in 0..<3 { #expect(try await gateway.chat("\(number)", model: "m").status == 200) }
        try await eventually("a batch was sent") { !collector.requests.isEmpty }
        let start = ContinuousClock.now
        gateway.terminate()
        #expect(try await gateway.status == 0)
        #expect(ContinuousClock.now - start < .seconds(6))
        #expect(try await gateway.logged(#/dropped: the collector did not answer in time/#), "\(gateway.log)")
    }

    @Test("gives up a batch that a slow collector does not take in time, and drops what there is no room for")
    func slow() async throws {
        let collector = try await Collector.start { _, _ in Answer(body: .silence) }
        let limits = ["OTEL_EXPORTER_OTLP_TIMEOUT": "300", "OTEL_BSP_MAX_QUEUE_SIZE": "4"]
        let environment = collector.environment.merging(limits) { $1 }
        let gateway = try await GatewayProcess.start(Self.mock, environment: environment)
        for number in 0..<20 { #expect(try await gateway.chat("\(number)", model: "m").status == 200) }
        #expect(try await gateway.logged(#/spans were dropped: /#))
        // The first batch may have taken everything that there was.
        try await eventually("another batch was tried") {
            _ = try await gateway.chat("more", model: "m")
            return collector.requests.count >= 2
        }
        gateway.terminate()
        #expect(try await gateway.status == 0)
    }

    @Test("of the last spans happens before the gateway ends")
    func flush() async throws {
        let collector = try await Collector.start()
        let environment = collector.environment.merging(["OTEL_BSP_SCHEDULE_DELAY": "60000"]) { $1 }
        try await withGateway(environment: environment) { gateway, _ async throws in try await ask(gateway, 2) }
        #expect(try await collector.spansSoFar().count == 6)
    }

    @Test("trusts the authorities that are named, and no others")
    func certificates() async throws {
        let authority = try await CertificateAuthority.make()
        let server = try await authority.certificate("localhost", names: "DNS:localhost,IP:127.0.0.1")
        let collectors = try await TLSModels.start([server])
        var environment = [
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "https://localhost:\(collectors.ports[0])/v1/traces",
            "OTEL_EXPORTER_OTLP_CERTIFICATE": authority.file,
        ]
        let trusted = try await logOfExport(environment)
        #expect(!trusted.contains("dropped"), "\(trusted)")
        environment["OTEL_EXPORTER_OTLP_CERTIFICATE"] = nil
        let untrusted = try await logOfExport(environment)
        #expect(untrusted.contains(#/dropped: .*certificate/#), "\(untrusted)")
    }

    /// The log of a gateway that answers one request and stops.
    private func logOfExport(_ environment: [String: String]) async throws -> String {
        let gateway = try await GatewayProcess.start(Self.mock, environment: environment)
        #expect(try await gateway.chat("hello", model: "m").status == 200)
        gateway.terminate()
        #expect(try await gateway.status == 0)
        #expect(try await gateway.logged(#/ stopped/#))
        return gateway.log
    }

    @Test(
        "with variables that cannot be used stops the start, in one line without a secret",
        arguments: [
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"), ("OTEL_EXPORTER_OTLP_HEADERS", "sk-secret"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "nonsense"), ("OTEL_TRACES_SAMPLER", "sometimes"),
        ]
    )
    func wrong(name: String, value: String) async throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write(Self.mock, to: "config.yaml")
        let environment = ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"].merging([name: value]) { $1 }
        let result = try await Command.run(
            Repository.gateway,
            ["check", "--config", file.path, "--plugin-dir", Repository.plugins.path],
            environment: environment
        )
        #expect(result.status == 1)
        let lines = result.standardError.split(separator: "\n").filter { $0.contains("OTEL_") }
        #expect(lines.count == 1 && lines[0].contains(name), "\(result.standardError)")
        #expect(!result.standardError.contains("sk-secret"))
    }

    /// A model that needs no server.
    private static let mock = """
        model_list:
          - {model_name: m, litellm_params: {model: openai/m, mock_response: hello}}
        """
}
