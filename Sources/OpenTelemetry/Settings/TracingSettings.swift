import HTTPSyntax
import NIOCore
import Text

/// How traces are recorded and exported, as the variables of OpenTelemetry say.
///
/// A description of it has no headers, which hold keys.
public struct TracingSettings: Sendable {
    /// The URL to which spans are posted.
    public let endpoint: String
    /// The fields of each request to the collector. They may be credentials, and must not be logged.
    public let headers: [(name: String, value: String)]
    public let sampler: TraceSampler
    /// What is said of the process.
    public let resource: [Span.Attribute]
    /// The file with the authorities that may vouch for the collector. It is nil for the system's.
    public let authorities: String?
    public let rules: ExportState.Rules
    /// How many spans may wait.
    public let queueLimit: Int
    /// What has no effect.
    public let warnings: [String]

    /// A variable whose value cannot be used.
    public struct Problem: Error, Sendable, Equatable, CustomStringConvertible {
        /// One sentence, without the value where that may be a secret.
        public let description: String

        /// Makes a problem with a sentence.
        public init(_ description: String) { self.description = description }
    }

    /// Reads the variables. It is nil where there is no endpoint, or tracing is turned off.
    ///
    /// - Parameters:
    ///   - version: the version of the gateway.
    ///   - instance: what distinguishes this process from others of the service.
    ///   - variable: returns the value of a variable.
    public init?(
        version: String,
        instance: String,
        variable: @escaping (String) -> String?
    ) throws(Problem) {
        let variables = Variables(variable: variable)
        guard let endpoint = variables.endpoint, !variables.isDisabled else { return nil }
        if let exporter = variables["OTEL_TRACES_EXPORTER"], exporter != "otlp" {
            if exporter == "none" { return nil }
            throw Problem("OTEL_TRACES_EXPORTER is '\(exporter.quotable)'; the gateway has otlp and none")
        }
        if let (name, value) = variables.first("PROTOCOL"), value != "http/protobuf" {
            throw Problem(
                "\(name) is '\(value.quotable)'; the gateway speaks http/protobuf, which collectors take on port 4318"
            )
        }
        self.endpoint = endpoint
        var warnings: [String] = []
        if let (name, value) = variables.first("COMPRESSION"), value != "none" {
            warnings.append("\(name) has no effect: spans are sent without compression")
        }
        for name in ["CLIENT_KEY", "CLIENT_CERTIFICATE"].compactMap({ variables.first($0)?.name }) {
            warnings.append("\(name) has no effect: the gateway shows collectors no certificate")
        }
        self.warnings = warnings
        headers = try variables.headers()
        authorities = variables.first("CERTIFICATE")?.value
        sampler = try variables.sampler()
        resource = try variables.resource(version: version, instance: instance)
        var rules = ExportState.Rules()
        if let (name, value) = variables.first("TIMEOUT") {
            rules.timeout = .milliseconds(Int64(try variables.count(name, value, upTo: 3_600_000)))
        }
        if let delay = try variables.count("OTEL_BSP_SCHEDULE_DELAY", upTo: 3_600_000) {
            rules.delay = .milliseconds(Int64(delay))
        }
        queueLimit = try variables.count("OTEL_BSP_MAX_QUEUE_SIZE", upTo: 1_000_000) ?? 2_048
        rules.batchSize = min(
            queueLimit,
            try variables.count("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", upTo: 1_000_000) ?? rules.batchSize
        )
        self.rules = rules
    }
}

/// The variables of OpenTelemetry. An empty value counts as none, as its specification has it.
private struct Variables {
    let variable: (String) -> String?

    subscript(_ name: String) -> String? {
        guard let value = variable(name).map({ String($0.trimmed) }), !value.isEmpty else { return nil }
        return value
    }

    /// A variable of the exporter: the one for traces, else the one for all signals.
    func first(_ name: String) -> (name: String, value: String)? {
        for full in ["OTEL_EXPORTER_OTLP_TRACES_\(name)", "OTEL_EXPORTER_OTLP_\(name)"] {
            if let value = self[full] { return (full, value) }
        }
        return nil
    }

    var isDisabled: Bool { self["OTEL_SDK_DISABLED"]?.lowercased() == "true" }

    /// The URL for traces as it is, else the one for all signals with the path of traces below it.
    var endpoint: String? {
        if let endpoint = self["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] { return endpoint }
        return self["OTEL_EXPORTER_OTLP_ENDPOINT"].map { base in
            base.hasSuffix("/") ? base + "v1/traces" : base + "/v1/traces"
        }
    }

    func headers() throws(TracingSettings.Problem) -> [(name: String, value: String)] {
        guard let (name, value) = first("HEADERS") else { return [] }
        let headers = try list(name, value)
        for header in headers where !FieldSyntax.isName(header.name) || !FieldSyntax.isValue(header.value) {
            // The values are keys, and a name may be one where the list is written wrongly.
            throw TracingSettings.Problem("\(name) has a member that cannot be a header; it must be NAME=VALUE,…")
        }
        return headers
    }

    func sampler() throws(TracingSettings.Problem) -> TraceSampler {
        let name = self["OTEL_TRACES_SAMPLER"] ?? "parentbased_always_on"
        var share = 1.0
        if name.hasSuffix("traceidratio"), let text = self["OTEL_TRACES_SAMPLER_ARG"] {
            guard let number = Double(text), (0...1).contains(number) else {
                throw TracingSettings.Problem(
                    "OTEL_TRACES_SAMPLER_ARG is '\(text.quotable)'; it must be a number from 0 to 1"
                )
            }
            share = number
        }
        guard let sampler = TraceSampler(name: name, share: share) else {
            throw TracingSettings.Problem(
                "OTEL_TRACES_SAMPLER is '\(name.quotable)'; it must be one of \(TraceSampler.names.joined(separator: ", "))"
            )
        }
        return sampler
    }

    func resource(version: String, instance: String) throws(TracingSettings.Problem) -> [Span.Attribute] {
        var attributes = [
            Span.Attribute("service.name", .string("gateway")),
            Span.Attribute("service.version", .string(version)),
            Span.Attribute("service.instance.id", .string(instance)),
            Span.Attribute("telemetry.sdk.language", .string("swift")),
            Span.Attribute("telemetry.sdk.name", .string("gateway")),
            Span.Attribute("telemetry.sdk.version", .string(version)),
        ]
        func set(_ name: String, _ value: String) {
            attributes.removeAll { $0.name == name }
            attributes.append(Span.Attribute(name, .string(value)))
        }
        if let text = self["OTEL_RESOURCE_ATTRIBUTES"] {
            for (name, value) in try list("OTEL_RESOURCE_ATTRIBUTES", text) { set(name, value) }
        }
        if let name = self["OTEL_SERVICE_NAME"] { set("service.name", name) }
        return attributes
    }

    func count(_ name: String, upTo limit: Int) throws(TracingSettings.Problem) -> Int? {
        guard let value = self[name] else { return nil }
        return try count(name, value, upTo: limit)
    }

    func count(_ name: String, _ value: String, upTo limit: Int) throws(TracingSettings.Problem) -> Int {
        guard let number = Int(value), (1...limit).contains(number) else {
            throw TracingSettings.Problem(
                "\(name) is '\(value.quotable)'; it must be a whole number from 1 to \(limit)"
            )
        }
        return number
    }

    private func list(
        _ name: String,
        _ value: String
    ) throws(TracingSettings.Problem) -> [(name: String, value: String)] {
        do {
            return try VariableList.read(value)
        } catch {
            throw TracingSettings.Problem(
                "member \(error.number) of \(name) is malformed; it must be NAME=VALUE, with a percent-encoded value"
            )
        }
    }
}
