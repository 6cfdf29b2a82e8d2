public import NIOCore
import Text

/// Writes one JSON value member by member and element by element, without white space (RFC 8259).
///
/// The commas are its own. Whoever uses it gives each member of an object a name before its value and closes what was opened:
/// `text` and `buffer` are JSON once every container is closed.
public struct JSONWriter {
    /// What has been written.
    public private(set) var buffer = ByteBuffer()
    /// Whether a comma stands before what comes next.
    private var needsComma = false

    public init() {}

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

    /// The name of the member whose value comes next.
    public mutating func name(_ name: String) {
        string(name)
        buffer.writeStaticString(":")
        needsComma = false
    }

    // MARK: Values

    /// A string. Characters that log readers take for line ends are escaped too: see `String.jsonLiteral`.
    public mutating func string(_ text: String) {
        begin()
        buffer.writeString(text.jsonLiteral)
    }

    /// A string, or `null` where there is none.
    public mutating func string(_ text: String?) {
        guard let text else { return null() }
        string(text)
    }

    /// A whole number.
    public mutating func integer(_ number: Int64) {
        begin()
        buffer.writeString(String(number))
    }

    /// A number in the shortest spelling that reads as it again, or `null` where it is not finite.
    public mutating func number(_ number: Double) {
        guard number.isFinite else { return null() }
        begin()
        buffer.writeString(number.description)
    }

    /// `true` or `false`.
    public mutating func bool(_ value: Bool) {
        begin()
        if value { buffer.writeStaticString("true") } else { buffer.writeStaticString("false") }
    }

    /// `null`.
    public mutating func null() {
        begin()
        buffer.writeStaticString("null")
    }

    /// A value that is JSON already, such as a part of an answer that was parsed.
    public mutating func value(_ source: ByteBuffer) {
        begin()
        buffer.writeImmutableBuffer(source)
    }

    /// A value that was taken apart or put together.
    public mutating func value(_ tree: JSONTree) {
        begin()
        tree.write(to: &buffer)
    }

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
}

extension JSONWriter {
    /// The text of an object.
    public static func object(_ body: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        writer.object(body)
        return writer.text
    }
}
