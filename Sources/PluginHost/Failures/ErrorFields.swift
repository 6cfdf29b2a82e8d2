import PluginAPI

/// What a plugin wrote into an error of the host's. Lengths are bounded by the fields.
extension gw_error {
    /// An error without a text.
    static var empty: gw_error {
        var error = gw_error()
        error.struct_size = UInt32(MemoryLayout<gw_error>.size)
        return error
    }

    /// Removes what an earlier operation wrote.
    mutating func clear() {
        code = GW_OK
        length = 0
        parameter_length = 0
        retry_after_ms = 0
    }

    /// The text that the plugin wrote, if there is one.
    var text: String? {
        withUnsafeBytes(of: message) { Self.text($0, length) }
    }

    /// The name of the parameter at fault, if the plugin gave one.
    var parameterName: String? {
        withUnsafeBytes(of: parameter) { Self.text($0, parameter_length) }
    }

    /// When trying again may succeed, in nanoseconds from now. It is 0 where that is not stated.
    var retryAfterNanoseconds: UInt64 {
        let (nanoseconds, overflows) = retry_after_ms.multipliedReportingOverflow(by: 1_000_000)
        return overflows ? .max : nanoseconds
    }

    private static func text(_ bytes: UnsafeRawBufferPointer, _ length: UInt32) -> String? {
        let bytes = bytes.prefix(Int(min(length, UInt32(bytes.count))))
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }
}
