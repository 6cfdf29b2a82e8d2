/// A message `ExportTraceServiceRequest`: spans of one process.
public struct ExportRequest: Sendable {
    /// The message `Resource`, which describes the process.
    private let resource: [UInt8]
    /// The message `InstrumentationScope`, which says what made the spans.
    private let scope: [UInt8]

    /// Describes the process.
    ///
    /// - Parameters:
    ///   - attributes: what is said of it.
    ///   - scope: the name and the version of what makes the spans.
    public init(resource attributes: [Span.Attribute], scope: (name: String, version: String)) {
        var writer = ProtobufWriter()
        writer.attributes(1, attributes)
        resource = writer.bytes
        writer = ProtobufWriter()
        writer.text(1, scope.name)
        writer.text(2, scope.version)
        self.scope = writer.bytes
    }

    /// The message with these spans, each of which is an encoded message.
    public func encoded(_ spans: some Sequence<[UInt8]>) -> [UInt8] {
        var request = ProtobufWriter()
        request.message(1) { resourceSpans in
            resourceSpans.data(1, resource)
            resourceSpans.message(2) { scopeSpans in
                scopeSpans.data(1, scope)
                for span in spans { scopeSpans.data(2, span) }
            }
        }
        return request.bytes
    }
}

/// What a collector says of spans that it received (`ExportTraceServiceResponse`).
public struct ExportResponse: Sendable, Equatable {
    /// How many spans it refused.
    public private(set) var rejectedSpans = 0
    /// Why, in the collector's words. Nothing is said of its length or of what is in it.
    public private(set) var message = ""

    /// Reads a message. What cannot be read says nothing.
    public init(_ bytes: [UInt8]) {
        var reader = ProtobufReader(bytes[...])
        while let (field, value) = reader.next() {
            guard field == 1, case .bytes(let partialSuccess) = value else { continue }
            var inner = ProtobufReader(partialSuccess)
            while let (field, value) = inner.next() {
                switch (field, value) {
                case (1, .number(let count)): rejectedSpans = Int(clamping: Int64(bitPattern: count))
                case (2, .bytes(let text)): message = String(decoding: text, as: UTF8.self)
                default: break
                }
            }
        }
    }
}
