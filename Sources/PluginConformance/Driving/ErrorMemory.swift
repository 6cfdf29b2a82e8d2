import PluginAPI

/// Where a plugin explains a failure.
enum ErrorMemory {
    /// Makes a `gw_error` of the size that the host has.
    static func make(_ style: HostStyle) -> GuardedMemory {
        let size = Int(GW_ERROR_SIZE_1_0)
        let memory = GuardedMemory(byteCount: size + style.growth, isGuarded: style.isGuarded)
        var error = gw_error()
        error.struct_size = UInt32(size + style.growth)
        error.reserved = style.reserved
        memory.place(error)
        return memory
    }

    /// Reports what is wrong with a text that a plugin gave as a reason.
    static func check(_ error: gw_error, _ violations: ViolationLog) {
        violations.expect(error.length <= 496, .o3, "gives an error a message of \(error.length) bytes")
        violations.expect(error.parameter_length <= 64, .o3, "names a parameter of \(error.parameter_length) bytes")
        let bytes = withUnsafeBytes(of: error.message) { Array($0.prefix(Int(min(error.length, 496)))) }
        violations.expect(
            String(validating: bytes, as: UTF8.self) != nil && !bytes.contains { $0 < 0x20 },
            .l4,
            "gives an error a message that is not one line of UTF-8"
        )
    }
}

extension gw_error {
    /// The text that the plugin wrote.
    var text: String {
        withUnsafeBytes(of: message) { String(decoding: $0.prefix(Int(min(length, UInt32($0.count)))), as: UTF8.self) }
    }

    /// The parameter that the plugin names. It is empty where it names none.
    var parameterText: String {
        withUnsafeBytes(of: parameter) {
            String(decoding: $0.prefix(Int(min(parameter_length, UInt32($0.count)))), as: UTF8.self)
        }
    }
}
