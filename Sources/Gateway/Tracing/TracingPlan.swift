import Dialects
import OpenTelemetry
import Upstream

/// How traces are exported, checked as far as that is possible without a network.
struct TracingPlan: Sendable {
    let settings: TracingSettings
    /// The server that spans are sent to.
    let collector: ModelGroup

    /// Reads the variables of OpenTelemetry. It is nil where there is no endpoint, or tracing is turned off.
    ///
    /// - Parameter variable: returns the value of a variable.
    static func make(_ variable: @escaping (String) -> String?) throws(TracingSettings.Problem) -> TracingPlan? {
        let instance = String(UInt64.random(in: .min ... .max), radix: 16)
        let settings = try TracingSettings(version: Version.description, instance: instance, variable: variable)
        return try settings.map { settings throws(TracingSettings.Problem) in
            try TracingPlan(settings: settings, collector: collector(settings))
        }
    }

    private static func collector(_ settings: TracingSettings) throws(TracingSettings.Problem) -> ModelGroup {
        do {
            return try ModelGroup.passingOn(
                to: settings.endpoint,
                name: "the collector of traces",
                headers: settings.headers + [("user-agent", "gateway/\(Version.description)")],
                defaults: DeploymentDefaults(
                    requestTimeout: settings.rules.timeout,
                    numRetries: 0,
                    trust: settings.authorities.map { .authorities(file: $0) } ?? .standard
                ),
                calls: DialectTable.served.types
            )
        } catch {
            let name = error.member == "headers" ? "OTEL_EXPORTER_OTLP_HEADERS" : "OTEL_EXPORTER_OTLP_ENDPOINT"
            throw TracingSettings.Problem("\(name) cannot be used: \(error.description)")
        }
    }
}
