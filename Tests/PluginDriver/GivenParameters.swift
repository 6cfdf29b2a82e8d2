import Glibc
import PluginAPI
package import PluginKit

/// Parameters as a host would lend them.
package final class GivenParameters {
    struct Value {
        var json: String
        var source: ParameterSource
    }

    private var values: [String: Value] = [:]
    private var memory: [UnsafeMutableRawPointer] = []

    /// What a plugin's own table makes of a configuration and an environment. Booleans are given as `true` and `false`,
    /// durations as `5s`, JSON as it is.
    package init(
        _ table: [Parameter],
        configured: [String: String] = [:],
        environment: [String: String] = [:]
    ) {
        for parameter in table {
            if let text = parameter.defaultValue { values[parameter.name] = Value(json: text, source: .defaultValue) }
            if let variable = parameter.environment, let text = environment[variable] {
                values[parameter.name] = Value(json: text, source: .environment)
            }
            if let text = configured[parameter.name] {
                values[parameter.name] = Value(json: text, source: .configuration)
            }
        }
    }

    /// What is configured, for a plugin whose table is not at hand.
    package init(configured: [String: String]) {
        values = configured.mapValues { Value(json: $0, source: .configuration) }
    }

    deinit { for block in memory { free(block) } }

    /// - Parameter body: gets the parameters, which are valid until it returns.
    package func lend<Result>(_ body: (Parameters) throws -> Result) rethrows -> Result {
        try withExtendedLifetime(self) { try body(Parameters(table())) }
    }

    func withTable<Result>(_ body: (UnsafePointer<gw_params>) -> Result) -> Result {
        withExtendedLifetime(self) { body(table()) }
    }

    /// Valid for as long as this object.
    private func table() -> UnsafePointer<gw_params> {
        let table = UnsafeMutablePointer<gw_params>.allocate(capacity: 1)
        memory.append(UnsafeMutableRawPointer(table))
        table.initialize(to: gw_params())
        table.pointee.struct_size = UInt32(MemoryLayout<gw_params>.size)
        table.pointee.host_data = Unmanaged.passUnretained(self).toOpaque()
        table.pointee.get_string = { $0.flatMap(GivenParameters.behind)?.text($1, $2) ?? GW_EINVAL }
        table.pointee.get_json = { $0.flatMap(GivenParameters.behind)?.text($1, $2) ?? GW_EINVAL }
        table.pointee.get_int = { params, name, out in
            guard let value = params.flatMap(GivenParameters.behind)?.value(name) else { return GW_MISS }
            if value.json.hasSuffix("s"), let seconds = Int64(value.json.dropLast()) {
                out?.pointee = seconds * 1_000_000_000
            } else {
                out?.pointee = Int64(value.json) ?? -1
            }
            return GW_OK
        }
        table.pointee.get_bool = { params, name, out in
            guard let value = params.flatMap(GivenParameters.behind)?.value(name) else { return GW_MISS }
            out?.pointee = value.json == "true" ? 1 : 0
            return GW_OK
        }
        table.pointee.get_source = { params, name, out in
            guard let value = params.flatMap(GivenParameters.behind)?.value(name) else { return GW_MISS }
            out?.pointee = value.source.rawValue
            return GW_OK
        }
        return UnsafePointer(table)
    }

    private func value(_ name: UnsafePointer<CChar>?) -> Value? { name.flatMap { values[String(cString: $0)] } }

    private func text(_ name: UnsafePointer<CChar>?, _ out: UnsafeMutablePointer<gw_slice>?) -> Int32 {
        guard let value = value(name), let copy = strdup(value.json) else { return GW_MISS }
        memory.append(copy)
        out?.pointee = gw_slice(p: copy, n: UInt64(strlen(copy)))
        return GW_OK
    }

    private static func behind(_ params: UnsafePointer<gw_params>) -> GivenParameters? {
        params.pointee.host_data.map { Unmanaged<GivenParameters>.fromOpaque($0).takeUnretainedValue() }
    }
}
