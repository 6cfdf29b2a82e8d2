import NIOCore
import OpenTelemetry
import Testing

@Suite("The variables of OpenTelemetry")
struct TracingSettingsTests {
    private static let base = "OTEL_EXPORTER_OTLP_ENDPOINT"

    private func read(_ variables: [String: String]) throws -> TracingSettings? {
        try TracingSettings(version: "1", instance: "i") { variables[$0] }
    }

    private func problem(_ name: String, _ value: String) -> String? {
        do {
            _ = try read([Self.base: "http://c", name: value])
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test("turn tracing on with an endpoint, to which the path of traces is added unless it is theirs alone")
    func endpoints() throws {
        #expect(try read([:]) == nil && read([Self.base: " "]) == nil)
        #expect(try read([Self.base: "http://c:4318"])?.endpoint == "http://c:4318/v1/traces")
        #expect(try read([Self.base: "https://c/otlp/"])?.endpoint == "https://c/otlp/v1/traces")
        let own = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://t/in", Self.base: "http://c"]
        #expect(try read(own)?.endpoint == "http://t/in")
    }

    @Test("turn tracing off")
    func off() throws {
        #expect(try read([Self.base: "http://c", "OTEL_SDK_DISABLED": "True"]) == nil)
        #expect(try read([Self.base: "http://c", "OTEL_TRACES_EXPORTER": "none"]) == nil)
        #expect(try read([Self.base: "http://c", "OTEL_SDK_DISABLED": "no"]) != nil)
    }

    @Test("have the defaults of the specification")
    func defaults() throws {
        let settings = try #require(try read([Self.base: "http://c"]))
        #expect(settings.sampler == .parentBased(.all) && settings.queueLimit == 2_048)
        #expect(settings.rules.batchSize == 512 && settings.rules.timeout == .seconds(10))
        #expect(settings.rules.delay == .seconds(5) && settings.headers.isEmpty && settings.warnings.isEmpty)
        #expect(settings.resource.first { $0.name == "service.name" }?.value == .string("gateway"))
    }

    @Test("are read, those for traces before those for all signals")
    func values() throws {
        let settings = try #require(
            try read([
                Self.base: "http://c",
                "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20x, x-team = a=b,,",
                "OTEL_EXPORTER_OTLP_TIMEOUT": "2000",
                "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT": "1500",
                "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
                "OTEL_SERVICE_NAME": "edge",
                "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment=prod,service.name=other,team=a%2Cb",
                "OTEL_TRACES_SAMPLER": "parentbased_traceidratio",
                "OTEL_TRACES_SAMPLER_ARG": "0.25",
                "OTEL_BSP_SCHEDULE_DELAY": "100",
                "OTEL_BSP_MAX_QUEUE_SIZE": "100",
                "OTEL_EXPORTER_OTLP_CERTIFICATE": "/ca.pem",
                "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
            ])
        )
        #expect(settings.headers.map(\.name) == ["authorization", "x-team"])
        #expect(settings.headers.map(\.value) == ["Bearer x", "a=b"])
        #expect(settings.rules.timeout == .milliseconds(1_500) && settings.rules.delay == .milliseconds(100))
        #expect(settings.queueLimit == 100 && settings.rules.batchSize == 100)
        #expect(settings.sampler == .parentBased(.ratio(0.25)) && settings.authorities == "/ca.pem")
        let resource = Dictionary(settings.resource.map { ($0.name, $0.value) }) { $1 }
        #expect(resource["service.name"] == .string("edge") && resource["team"] == .string("a,b"))
        #expect(resource["deployment.environment"] == .string("prod"))
        #expect(
            settings.warnings == ["OTEL_EXPORTER_OTLP_COMPRESSION has no effect: spans are sent without compression"]
        )
    }

    @Test(
        "that cannot be used are refused in one line that names them",
        arguments: [
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"), ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/json"),
            ("OTEL_TRACES_EXPORTER", "zipkin"), ("OTEL_TRACES_SAMPLER", "xray"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "soon"), ("OTEL_EXPORTER_OTLP_TIMEOUT", "0"),
            ("OTEL_BSP_SCHEDULE_DELAY", "-1"), ("OTEL_BSP_MAX_QUEUE_SIZE", "99999999999999999999"),
            ("OTEL_RESOURCE_ATTRIBUTES", "a"), ("OTEL_RESOURCE_ATTRIBUTES", "a=%GG"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "a"), ("OTEL_EXPORTER_OTLP_HEADERS", "a b=c"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "a=b%0D%0Ac"),
        ]
    )
    func wrong(name: String, value: String) throws {
        let text = try #require(problem(name, value))
        #expect(text.contains(name) && !text.contains("\n"), "\(text)")
    }

    @Test("with keys are never quoted", arguments: ["sk-secret", "authorization sk-secret=1", "a=sk-secret%0A"])
    func secrets(value: String) throws {
        let text = try #require(problem("OTEL_EXPORTER_OTLP_HEADERS", value))
        #expect(!text.contains("sk-secret"))
    }

    @Test("for the sampler's share must be a number from 0 to 1", arguments: ["2", "-0.1", "half", "nan"])
    func share(text: String) throws {
        let variables = [
            Self.base: "http://c", "OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": text,
        ]
        #expect(throws: TracingSettings.Problem.self) { try read(variables) }
    }
}
