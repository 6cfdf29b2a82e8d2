import PluginAPI

extension UnsafeMutablePointer<gw_error> {
    /// Writes the reason of a failure. A text that is too long is truncated at the boundary of a character; the name of
    /// a parameter that is too long is left out.
    func explain(_ status: Status, _ reason: String, parameter: String? = nil, retryAfter: Duration? = nil) {
        guard isReadable else { return }
        pointee.code = status.rawValue
        pointee.length = withUnsafeMutableBytes(of: &pointee.message) { Self.write(reason, to: $0) }
        if let parameter, parameter.utf8.count <= MemoryLayout.size(ofValue: pointee.parameter) {
            pointee.parameter_length = withUnsafeMutableBytes(of: &pointee.parameter) { Self.write(parameter, to: $0) }
        }
        if let retryAfter { pointee.retry_after_ms = retryAfter.milliseconds }
    }

    private static func write(_ text: String, to room: UnsafeMutableRawBufferPointer) -> UInt32 {
        var length = 0
        for scalar in text.unicodeScalars {
            // The interface wants one line, and texts may quote what was configured.
            let shown = scalar.properties.generalCategory == .control ? " " : scalar
            let bytes = UTF8.encode(shown) ?? UTF8.encodedReplacementCharacter
            guard length + bytes.count <= room.count else { break }
            for byte in bytes {
                room[length] = byte
                length += 1
            }
        }
        return UInt32(length)
    }
}

extension Duration {
    /// Whole milliseconds, rounded up, so that a moment is not "not stated". None for a negative duration.
    fileprivate var milliseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (product, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000)
        let rest = UInt64((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
        return overflow ? .max : product.addingReportingOverflow(rest).partialValue
    }
}
