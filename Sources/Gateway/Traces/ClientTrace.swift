import HTTPSyntax
import OpenTelemetry
import Text

/// What a client says of the trace that its request belongs to: `traceparent` and `tracestate`.
struct ClientTrace {
    /// It is nil where there is none, more than one, or one that is malformed.
    let parent: TraceParent?
    /// It is nil where there is no parent, or where anything is wrong with it.
    let state: TraceState?

    /// - Parameter fields: the fields of the request.
    init(_ fields: ForwardedFields) {
        var parents: [TraceParent?] = []
        var states: [[UInt8]] = []
        fields.lines.withUnsafeBytes { bytes in
            for line in bytes.split(separator: UInt8(ascii: "\n")) {
                guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
                let name = line.startIndex..<colon
                if bytes.equalsIgnoringCase(name, "traceparent") {
                    parents.append(TraceParent(Self.value(of: line, after: colon)))
                } else if bytes.equalsIgnoringCase(name, "tracestate") {
                    states.append(Array(Self.value(of: line, after: colon)))
                }
            }
        }
        parent = parents.count == 1 ? parents[0] : nil
        state = parent == nil ? nil : TraceState(states)
    }

    /// The value of a field without the white space around it.
    private static func value(of line: Slice<UnsafeRawBufferPointer>, after colon: Int) -> UnsafeRawBufferPointer {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
        var value = line[(colon + 1)...].drop(while: isSpace)
        while let last = value.last, isSpace(last) { value.removeLast() }
        return UnsafeRawBufferPointer(rebasing: value)
    }
}
