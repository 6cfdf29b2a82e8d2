/// A span that has ended: a piece of work with its times, as it is exported.
public struct Span: Sendable, Equatable {
    /// What the span is to others (OpenTelemetry's numbers).
    public enum Kind: UInt64, Sendable {
        case `internal` = 1
        case server = 2
        case client = 3
        case producer = 4
        case consumer = 5
    }

    public enum Status: Sendable, Equatable {
        case unset
        case ok
        /// It failed, with a sentence that says why, or an empty one.
        case error(String)
    }

    /// A value of an attribute.
    public enum Value: Sendable, Equatable {
        case string(String)
        case bool(Bool)
        case int(Int)
        case double(Double)
        case strings([String])
    }

    public struct Attribute: Sendable, Equatable {
        public let name: String
        public let value: Value

        /// Makes an attribute.
        public init(_ name: String, _ value: Value) {
            self.name = name
            self.value = value
        }
    }

    /// Another span that has to do with this one without being its parent.
    public struct Link: Sendable, Equatable {
        public let parent: TraceParent
        public let attributes: [Attribute]

        /// Makes a link.
        public init(_ parent: TraceParent, attributes: [Attribute] = []) {
            self.parent = parent
            self.attributes = attributes
        }
    }

    /// Something that happened at one time within the span.
    public struct Event: Sendable, Equatable {
        public let name: String
        /// In nanoseconds since 1970.
        public let time: UInt64
        public let attributes: [Attribute]

        /// Makes an event.
        public init(_ name: String, at time: UInt64, attributes: [Attribute] = []) {
            self.name = name
            self.time = time
            self.attributes = attributes
        }
    }

    public var traceID: TraceID
    public var id: SpanID
    /// It is nil where the trace begins with the span.
    public var parent: SpanID?
    public var state: TraceState?
    public var name: String
    public var kind: Kind
    /// When it began, in nanoseconds since 1970.
    public var start: UInt64
    /// When it ended, in nanoseconds since 1970.
    public var end: UInt64
    public var attributes: [Attribute] = []
    public var events: [Event] = []
    public var links: [Link] = []
    public var status = Status.unset

    /// Makes a span without attributes.
    public init(
        _ name: String,
        kind: Kind,
        traceID: TraceID,
        id: SpanID,
        parent: SpanID?,
        state: TraceState? = nil,
        start: UInt64,
        end: UInt64
    ) {
        self.traceID = traceID
        self.id = id
        self.parent = parent
        self.state = state
        self.name = name
        self.kind = kind
        self.start = start
        self.end = end
    }

    /// Adds an attribute, unless there is no value.
    public mutating func set(_ name: String, _ value: Value?) {
        if let value { attributes.append(Attribute(name, value)) }
    }

    /// How long texts from outside may be in attributes, in bytes. They are cut off there.
    public static let longestText = 256
}

extension Span.Value {
    /// A text of which as much is taken as an attribute may have.
    public static func text(_ text: String) -> Span.Value {
        guard text.utf8.count > Span.longestText else { return .string(text) }
        return .string(String(decoding: text.utf8.prefix(Span.longestText), as: UTF8.self))
    }
}
