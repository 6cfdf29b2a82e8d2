import PluginAPI
import Testing

@testable import PluginKit

/// A plugin that stores nothing, to examine what the kit makes of it.
private final class Nothing: CachePlugin {
    static func validate(_ parameters: Parameters) throws(PluginFailure) {
        guard try parameters.int("port") != 13 else {
            throw PluginFailure(
                .badConfiguration,
                String(repeating: "port 13 is unlucky; ", count: 100),
                parameter: "port",
                retryAfter: .microseconds(1_500_001)
            )
        }
    }

    init(host: Host, parameters: Parameters) throws(PluginFailure) {
        if try parameters.int("port") == 13 { throw PluginFailure(.badConfiguration, "no") }
    }

    func get(_ operation: GetOperation) -> OperationProgress { .done }
    func set(_ operation: SetOperation) -> OperationProgress { .done }
}

@Suite("A plugin as the kit exports it")
struct ExportTests {
    private static let export = PluginExport(
        PluginDescription(
            type: "nothing",
            version: "2.1",
            summary: "Forgets",
            capabilities: [.ttl],
            threads: .serial,
            maxBatch: 7,
            parameters: [
                Parameter("port", .int, "The port", default: "6379", environment: "PORT", minimum: 1, maximum: 65_535),
                Parameter("mode", .choice(["a", "b"]), "How", aliases: ["way", "manner"]),
                Parameter("password", .string, "The password", traits: [.required, .secret]),
            ]
        ),
        validate: { Nothing.validate($0, $1) },
        create: { Nothing.create($0, $1, $2, $3) }
    )

    private func descriptor() throws -> gw_plugin {
        var plugin: UnsafePointer<gw_plugin>?
        var host = gw_abi()
        host.struct_size = GW_ABI_SIZE_1_0
        #expect(Self.export.answer(&host, &plugin) == GW_OK)
        return try #require(plugin).pointee
    }

    private func text(_ pointer: UnsafePointer<CChar>?) -> String? { pointer.map { String(cString: $0) } }

    /// Parameters of which only `port` is given, whose value `host_data` points to.
    private func withParameters<Result>(port: Int64, _ body: (inout gw_params) throws -> Result) rethrows -> Result {
        var port = port
        return try withUnsafeMutablePointer(to: &port) { port in
            var parameters = gw_params()
            parameters.struct_size = UInt32(MemoryLayout<gw_params>.size)
            parameters.host_data = UnsafeMutableRawPointer(port)
            parameters.get_int = { parameters, name, out in
                guard name.map({ String(cString: $0) }) == "port" else { return GW_EINVAL }
                out?.pointee = parameters?.pointee.host_data.assumingMemoryBound(to: Int64.self).pointee ?? 0
                return GW_OK
            }
            parameters.get_string = { _, _, _ in GW_MISS }
            return try body(&parameters)
        }
    }

    @Test("the descriptor has the described fields, and functions for its capabilities only")
    func fields() throws {
        let plugin = try descriptor()
        #expect(text(plugin.type) == "nothing" && text(plugin.version) == "2.1" && text(plugin.summary) == "Forgets")
        #expect(plugin.threads == GW_THREADS_SERIAL && plugin.max_batch == 7)
        #expect(plugin.capabilities == UInt64(GW_CAP_TTL))
        #expect(plugin.get != nil && plugin.set != nil && plugin.shutdown != nil && plugin.destroy != nil)
        #expect(plugin.del == nil && plugin.flush == nil && plugin.stats == nil)
    }

    @Test("the descriptor declares the parameters with their lists, bounds and flags")
    func parameters() throws {
        let plugin = try descriptor()
        #expect(plugin.n_params == 3 && Int(plugin.param_stride) == MemoryLayout<gw_param>.stride)
        let table = try #require(plugin.params)
        #expect(text(table[0].name) == "port" && table[0].type == GW_PARAM_INT)
        #expect(text(table[0].default_value) == "6379" && text(table[0].env) == "PORT")
        #expect(table[0].flags == GW_PARAM_HAS_MINIMUM | GW_PARAM_HAS_MAXIMUM && table[0].choices == nil)
        #expect(table[0].minimum == 1 && table[0].maximum == 65_535)
        let (choices, aliases) = (try #require(table[1].choices), try #require(table[1].aliases))
        #expect((0..<3).map { text(choices[$0]) } == ["a", "b", nil])
        #expect((0..<3).map { text(aliases[$0]) } == ["way", "manner", nil])
        #expect(table[1].flags == 0)
        #expect(table[2].flags == GW_PARAM_REQUIRED | GW_PARAM_SECRET)
    }

    @Test("the plugin explains why its parameters cannot work, within the room there is")
    func explanation() throws {
        let plugin = try descriptor()
        var error = gw_error()
        error.struct_size = UInt32(MemoryLayout<gw_error>.size)
        #expect(withParameters(port: 1) { plugin.validate(&$0, &error) } == GW_OK)
        #expect(withParameters(port: 13) { plugin.validate(&$0, &error) } == GW_ECONFIG)
        #expect(
            error.code == GW_ECONFIG && error.length > 0
                && Int(error.length) <= MemoryLayout.size(ofValue: error.message)
        )
        let message = withUnsafeBytes(of: &error.message) {
            String(decoding: $0.prefix(Int(error.length)), as: UTF8.self)
        }
        #expect(message.hasPrefix("port 13 is unlucky"))
        let parameter = withUnsafeBytes(of: &error.parameter) {
            String(decoding: $0.prefix(Int(error.parameter_length)), as: UTF8.self)
        }
        #expect(parameter == "port" && error.retry_after_ms == 1_501)
    }

    @Test("an entry function that refuses its host says why")
    func refusedHost() {
        var error = gw_error()
        error.struct_size = GW_ERROR_SIZE_1_0
        withUnsafeMutablePointer(to: &error) { error in
            var host = gw_abi()
            host.struct_size = GW_ABI_SIZE_1_0
            host.error = error
            #expect(Self.export.answer(&host, nil) == GW_EINVAL)
            #expect(error.pointee.length > 0 && error.pointee.code == GW_EINVAL)
            error.pointee.length = 0
            var plugin: UnsafePointer<gw_plugin>?
            host.struct_size -= 1
            #expect(Self.export.answer(&host, &plugin) == GW_EINVAL)
            #expect(plugin == nil && error.pointee.length == 0, "nothing is written where there may be no place")
        }
    }

    @Test("parameters of a host that is too old are refused with a reason")
    func oldParameters() throws {
        let plugin = try descriptor()
        var error = gw_error()
        error.struct_size = GW_ERROR_SIZE_1_0
        withParameters(port: 1) { parameters in
            parameters.struct_size = GW_PARAMS_SIZE_1_0 - 1
            #expect(plugin.validate(&parameters, &error) == GW_EINVAL && error.length > 0)
        }
    }

    @Test("no instance is made where the parameters fail, or where the host is older than the interface")
    func refusals() throws {
        let plugin = try descriptor()
        var cache: OpaquePointer?
        var host = gw_host()
        host.struct_size = GW_HOST_SIZE_1_0
        #expect(withParameters(port: 13) { plugin.create(&host, &$0, nil, &cache) } == GW_ECONFIG)
        #expect(cache == nil)
        host.struct_size -= 1
        #expect(withParameters(port: 1) { plugin.create(&host, &$0, nil, &cache) } == GW_EINVAL)
        #expect(cache == nil)
        #expect(plugin.get(nil, nil) == GW_EINVAL)
    }

    @Test("a parameter that is not given is nil, and one that was not declared is a defect of the plugin")
    func reading() {
        withParameters(port: 80) { raw in
            withUnsafePointer(to: &raw) { pointer in
                let parameters = Parameters(pointer)
                #expect((try? parameters.int("port")) == 80)
                #expect((try? parameters.string("mode")) == .some(nil))
                #expect((try? parameters.int("prot")) == nil)
                #expect((try? parameters.bool("port")) == nil)
            }
        }
    }
}
