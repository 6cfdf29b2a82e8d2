import Glibc
public import PluginAPI

/// Parameters as a host lends them: the configured value, else the environment's, else the plugin's own default.
///
/// Values are texts: `5s` for a duration, `64MB` for a size, `true` and `false`, lists with commas between their items,
/// JSON as it is. Ranges and choices are not checked.
public final class GivenParameters {
    private struct Value {
        var text: String
        /// The source of the value (`GW_SOURCE_...`).
        var source: UInt32
    }

    private let declared: DeclaredParameters
    private var values: [String: Value] = [:]
    private var memory: [GuardedMemory] = []
    private let style: HostStyle
    private let violations: ViolationLog

    /// - Parameters:
    ///   - plugin: declares the parameters.
    ///   - configured: values by name, as in `cache_params`.
    ///   - environment: values by the names of variables.
    public convenience init(
        declaredBy plugin: TestedPlugin,
        configured: [String: String] = [:],
        environment: [String: String] = [:]
    ) {
        self.init(plugin, configured, environment, HostStyle(), ViolationLog())
    }

    init(
        _ plugin: TestedPlugin,
        _ configured: [String: String],
        _ environment: [String: String],
        _ style: HostStyle,
        _ violations: ViolationLog
    ) {
        self.style = style
        declared = DeclaredParameters(plugin.descriptor)
        self.violations = violations
        for parameter in declared.all {
            guard let name = parameter.name.map({ String(cString: $0) }) else { continue }
            if let text = configured[name] {
                values[name] = Value(text: text, source: GW_SOURCE_CONFIGURATION)
            } else if let variable = parameter.env, let text = environment[String(cString: variable)] {
                values[name] = Value(text: text, source: GW_SOURCE_ENVIRONMENT)
            } else if let text = parameter.default_value {
                values[name] = Value(text: String(cString: text), source: GW_SOURCE_DEFAULT)
            }
        }
    }

    /// - Parameter body: called with the parameters, which are valid until it returns.
    public func lend<Result>(_ body: (UnsafePointer<gw_params>) throws -> Result) rethrows -> Result {
        defer {
            for block in memory { block.end() }
            memory = []
        }
        return try withExtendedLifetime(self) { try body(table()) }
    }

    private func table() -> UnsafePointer<gw_params> {
        let size = Int(GW_PARAMS_SIZE_1_0)
        let block = GuardedMemory(byteCount: size + style.growth, isGuarded: style.isGuarded)
        memory.append(block)
        let table = block.place(gw_params())
        table.pointee.struct_size = UInt32(size + style.growth)
        table.pointee.reserved = style.reserved
        table.pointee.host_data = Unmanaged.passUnretained(self).toOpaque()
        table.pointee.get_string = { params, name, out in
            GivenParameters.read(params, name, out, [GW_PARAM_STRING, GW_PARAM_ENUM]) { given, value, _ in
                given.lent(value.text)
            }
        }
        table.pointee.get_int = { params, name, out in
            GivenParameters.read(params, name, out, [GW_PARAM_INT, GW_PARAM_DURATION, GW_PARAM_SIZE]) {
                _,
                value,
                type in
                ParameterText.integer(value.text, as: type)
            }
        }
        table.pointee.get_float = { params, name, out in
            GivenParameters.read(params, name, out, [GW_PARAM_FLOAT]) { _, value, _ in Double(value.text) }
        }
        table.pointee.get_bool = { params, name, out in
            GivenParameters.read(params, name, out, [GW_PARAM_BOOL]) { _, value, _ in ParameterText.boolean(value.text)
            }
        }
        table.pointee.get_list = { params, name, index, out in
            var isPastTheEnd = false
            let status = GivenParameters.read(params, name, out, [GW_PARAM_STRING_LIST]) { given, value, _ in
                let items = ParameterText.items(value.text)
                isPastTheEnd = Int(index) >= items.count
                return isPastTheEnd ? gw_slice() : given.lent(items[Int(index)])
            }
            return isPastTheEnd ? GW_MISS : status
        }
        table.pointee.get_json = { params, name, out in
            GivenParameters.read(params, name, out, nil) { given, value, type in
                given.lent(ParameterText.json(value.text, as: type))
            }
        }
        table.pointee.get_source = { params, name, out in
            GivenParameters.read(params, name, out, nil) { _, value, _ in value.source }
        }
        return UnsafePointer(table)
    }

    /// Implements each of the functions.
    /// - Parameters:
    ///   - types: the types that it reads. It reads all types where none are given.
    ///   - take: makes the result, or returns nil where the text is not a value of its type.
    private static func read<Result>(
        _ params: UnsafePointer<gw_params>?,
        _ name: UnsafePointer<CChar>?,
        _ out: UnsafeMutablePointer<Result>?,
        _ types: [UInt32]?,
        _ take: (GivenParameters, Value, _ type: UInt32) -> Result?
    ) -> Int32 {
        guard let data = params?.pointee.host_data, let name, let out else { return GW_EINVAL }
        let given = Unmanaged<GivenParameters>.fromOpaque(data).takeUnretainedValue()
        let text = String(cString: name)
        guard let parameter = given.declared[text] else {
            given.violations.note(.p5, "reads the parameter '\(text)', which it does not declare")
            return GW_EINVAL
        }
        guard types?.contains(parameter.type) ?? true else {
            given.violations.note(.p5, "reads the parameter '\(text)' as another type than it declares")
            return GW_EINVAL
        }
        guard let value = given.values[text] else { return GW_MISS }
        guard let result = take(given, value, parameter.type) else { return GW_EINVAL }
        out.pointee = result
        return GW_OK
    }

    /// Copies the text to memory that is valid until the parameters are no longer lent. No NUL follows it.
    private func lent(_ text: String) -> gw_slice {
        let bytes = Array(text.utf8)
        if bytes.isEmpty, style.emptyIsNull { return gw_slice() }
        let block = GuardedMemory(byteCount: bytes.count, alignment: 1, isGuarded: style.isGuarded)
        block.copy(bytes)
        memory.append(block)
        return gw_slice(p: block.bytes.baseAddress, n: UInt64(bytes.count))
    }
}
