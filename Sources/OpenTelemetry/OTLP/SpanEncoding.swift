/// The messages of OTLP (opentelemetry-proto, trace/v1/trace.proto and common/v1/common.proto), by their field numbers.
extension Span {
    /// The span as a message `Span`.
    public var encoded: [UInt8] {
        var writer = ProtobufWriter()
        writer.data(1, traceID.high, traceID.low)
        writer.data(2, id.value)
        if let state { writer.data(3, state.bytes) }
        if let parent { writer.data(4, parent.value) }
        writer.text(5, name)
        writer.varint(6, kind.rawValue)
        writer.fixed64(7, start)
        writer.fixed64(8, end)
        writer.attributes(9, attributes)
        for event in events {
            writer.message(11) { message in
                message.fixed64(1, event.time)
                message.text(2, event.name)
                message.attributes(3, event.attributes)
            }
        }
        for link in links {
            writer.message(13) { message in
                message.data(1, link.parent.traceID.high, link.parent.traceID.low)
                message.data(2, link.parent.spanID.value)
                message.attributes(4, link.attributes)
                message.fixed32(6, UInt32(link.parent.flags))
            }
        }
        switch status {
        case .unset: break
        case .ok: writer.message(15) { $0.varint(3, 1) }
        case .error(let text):
            writer.message(15) { message in
                message.text(2, text)
                message.varint(3, 2)
            }
        }
        return writer.bytes
    }
}

extension ProtobufWriter {
    /// Messages `KeyValue`.
    mutating func attributes(_ field: UInt64, _ attributes: [Span.Attribute]) {
        for attribute in attributes {
            message(field) { message in
                message.text(1, attribute.name)
                message.message(2) { $0.write(attribute.value) }
            }
        }
    }

    /// A message `AnyValue`.
    private mutating func write(_ value: Span.Value) {
        switch value {
        case .string(let text): member(1, text: text)
        case .bool(let flag): member(2, varint: flag ? 1 : 0)
        case .int(let number): member(3, varint: UInt64(bitPattern: Int64(number)))
        case .double(let number): member(4, fixed64: number.bitPattern)
        case .strings(let texts):
            message(5) { list in
                for text in texts { list.message(1) { $0.member(1, text: text) } }
            }
        }
    }
}
