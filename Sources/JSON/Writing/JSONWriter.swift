public import NIOCore
import Text

/// Writes one JSON value member by member and element by element, without white space (RFC 8259).
///
/// Commas, colons, quotes and brackets are its own, so that what it wrote is JSON whatever its caller hands it. Members are
/// written within `object`, one value is written for each `member`, and elements are written within `array`. Outside of an
/// object members alone can be written too, for `members(_:)` to repeat.
public struct JSONWriter {
    /// What has been written.
    public fileprivate(set) var buffer = ByteBuffer()
    /// Whether a comma precedes what is written next.
    private var needsComma = false

    /// - Parameter capacity: about how many bytes will be written.
    public init(reserving capacity: Int = 0) { buffer.reserveCapacity(capacity) }

    /// What has been written, as text.
    public var text: String { String(buffer: buffer) }

    // MARK: Containers

    /// Opens an object, which is a value, and lets `body` write its members.
    public mutating func object(_ body: (inout JSONWriter) -> Void) {
        open("{")
        body(&self)
        close("}")
    }

    /// Opens an array, which is a value, and lets `body` write its elements.
    public mutating func array(_ body: (inout JSONWriter) -> Void) {
        open("[")
        body(&self)
        close("]")
    }

    // MARK: Members

    /// A member whose name needs no escapes and whose value `body` writes.
    public mutating func member(_ name: StaticString, _ body: (inout JSONWriter) -> Void) {
        begin()
        buffer.writeStaticString("\"")
        buffer.writeStaticString(name)
        buffer.writeStaticString("\":")
        needsComma = false
        body(&self)
    }

    /// A member that is a string, or `null` where there is none. The name needs no escapes.
    public mutating func member(_ name: StaticString, _ text: String?) {
        member(name) { $0.string(text) }
    }

    /// A member that is a string and whose name is escaped.
    public mutating func member(named name: String, _ text: String) {
        member(named: name) { $0.string(text) }
    }

    /// A member whose name is escaped and whose value `body` writes.
    public mutating func member(named name: String, _ body: (inout JSONWriter) -> Void) {
        string(name)
        buffer.writeStaticString(":")
        needsComma = false
        body(&self)
    }

    /// A member of an object that was taken apart or put together.
    public mutating func member(_ member: JSONTree.Member) {
        begin()
        quoted(member.name)
        buffer.writeStaticString(":")
        needsComma = false
        value(member.value)
    }

    /// Members that are JSON already, with commas between them. Where there are none it writes nothing.
    public mutating func members(_ source: ByteBuffer) {
        if source.readableBytes > 0 { value(source) }
    }

    // MARK: Values

    /// Writes a string. Characters that log readers take for line ends are escaped too: see `String.jsonLiteral`.
    public mutating func string(_ text: String) {
        begin()
        text.writeJSONLiteral { buffer.writeSubstring($0) }
    }

    /// Writes a string, or `null` for nil.
    public mutating func string(_ text: String?) {
        guard let text else { return null() }
        string(text)
    }

    /// A whole number.
    public mutating func integer(_ number: Int) {
        begin()
        buffer.writeString(String(number))
    }

    /// A whole number that is not negative.
    public mutating func integer(_ number: UInt64) {
        begin()
        buffer.writeString(String(number))
    }

    /// Writes a number in its shortest spelling that reads back as the same number, or `null` where it is not finite.
    public mutating func number(_ number: Double) {
        guard number.isFinite else { return null() }
        begin()
        buffer.writeString(number.description)
    }

    /// Writes `true` or `false`.
    public mutating func bool(_ value: Bool) {
        begin()
        if value { buffer.writeStaticString("true") } else { buffer.writeStaticString("false") }
    }

    /// Writes `null`.
    public mutating func null() {
        begin()
        buffer.writeStaticString("null")
    }

    /// Writes a value that is JSON already, such as a part of an answer that was parsed.
    public mutating func value(_ source: ByteBuffer) {
        begin()
        buffer.writeImmutableBuffer(source)
    }

    /// A value of which `body` appends the text, which is JSON already, in pieces.
    public mutating func value(appending body: (inout ByteBuffer) -> Void) {
        begin()
        body(&buffer)
    }

    /// A value that was taken apart or put together.
    public mutating func value(_ tree: JSONTree) {
        switch tree {
        case .null: null()
        case .scalar(let source):
            begin()
            buffer.writeBytes(source)
        case .string(let inner):
            begin()
            quoted(inner)
        case .array(let elements):
            open("[")
            for element in elements { value(element) }
            close("]")
        case .object(let members):
            open("{")
            for each in members { member(each) }
            close("}")
        }
    }

    // MARK: Characters

    private mutating func open(_ bracket: StaticString) {
        begin()
        buffer.writeStaticString(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: StaticString) {
        buffer.writeStaticString(bracket)
        needsComma = true
    }

    private mutating func begin() {
        if needsComma { buffer.writeStaticString(",") }
        needsComma = true
    }

    private mutating func quoted(_ inner: [UInt8]) {
        buffer.writeStaticString("\"")
        buffer.writeBytes(inner)
        buffer.writeStaticString("\"")
    }
}

extension JSONWriter {
    /// The text of an object.
    public static func object(_ body: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        writer.object(body)
        return writer.text
    }
}

extension ByteBuffer {
    /// Appends the JSON value that `body` writes. What the buffer holds already is not copied.
    public mutating func writeJSON(_ body: (inout JSONWriter) -> Void) {
        var writer = JSONWriter()
        swap(&self, &writer.buffer)
        body(&writer)
        swap(&self, &writer.buffer)
    }
}
