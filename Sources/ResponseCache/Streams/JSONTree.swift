import NIOCore

/// A JSON value that can be taken apart and put together: for answers that change their form.
///
/// Strings are kept as they were written, without their quotes and with their escapes, so that cutting one into pieces and
/// joining them again loses nothing. So are numbers. Names of members are written in one way, so that they can be compared.
indirect enum JSONTree: Equatable, Sendable {
    case string([UInt8])
    /// A number, `true` or `false`.
    case scalar([UInt8])
    case null
    case array([JSONTree])
    case object([Member])

    struct Member: Equatable, Sendable {
        /// Without quotes, and with those escapes only that it needs.
        var name: [UInt8]
        var value: JSONTree

        init(_ name: StaticString, _ value: JSONTree) {
            self.name = name.withUTF8Buffer { Array($0) }
            self.value = value
        }

        init(name: [UInt8], value: JSONTree) {
            self.name = name
            self.value = value
        }
    }

    static func text(_ text: StaticString) -> JSONTree { .string(text.withUTF8Buffer { Array($0) }) }

    static func number(_ number: Int) -> JSONTree { .scalar(Array(String(number).utf8)) }

    static let falsity = scalar(Array("false".utf8))
}

// MARK: Reading

extension JSONTree {
    /// Reads a whole body; nil: it is not JSON.
    init?(parsing buffer: ByteBuffer, with document: JSONDocument) {
        defer { document.reset() }
        do throws(JSONError) { try document.parse(buffer, nodeLimit: JSONDocument.answerNodes) } catch { return nil }
        guard let root = document.root else { return nil }
        self = JSONTree(root, of: document, in: buffer.readableBytesView)
    }

    private init(_ node: JSONNode, of document: JSONDocument, in bytes: ByteBufferView) {
        switch document.kind(of: node) {
        case .object:
            self = .object(
                document.members(of: node).map {
                    Member(
                        name: JSONTree.name($0.name, of: document, in: bytes),
                        value: JSONTree($0.value, of: document, in: bytes)
                    )
                }
            )
        case .array: self = .array(document.elements(of: node).map { JSONTree($0, of: document, in: bytes) })
        case .string: self = .string(JSONTree.inner(node, of: document, in: bytes))
        case .null, nil: self = .null
        case .number, .true, .false: self = .scalar(Array(JSONTree.source(node, of: document, in: bytes)))
        }
    }

    private static func source(_ node: JSONNode, of document: JSONDocument, in bytes: ByteBufferView) -> ByteBufferView
    {
        let range = document.byteRange(of: node) ?? 0..<0
        return bytes[(bytes.startIndex + range.lowerBound)..<(bytes.startIndex + range.upperBound)]
    }

    private static func inner(_ node: JSONNode, of document: JSONDocument, in bytes: ByteBufferView) -> [UInt8] {
        Array(source(node, of: document, in: bytes).dropFirst().dropLast())
    }

    private static func name(_ node: JSONNode, of document: JSONDocument, in bytes: ByteBufferView) -> [UInt8] {
        guard document.isEscaped(node) else { return inner(node, of: document, in: bytes) }
        return (document.string(node) ?? "").utf8.flatMap { byte in
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): return [UInt8(ascii: "\\"), byte]
            case ..<0x20: return Array((byte < 0x10 ? "\\u000" : "\\u00").utf8) + Array(String(byte, radix: 16).utf8)
            default: return [byte]
            }
        }
    }

    // MARK: Looking

    subscript(name: StaticString) -> JSONTree? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.isNamed(name) }?.value
    }

    var members: [Member] {
        guard case .object(let members) = self else { return [] }
        return members
    }

    var elements: [JSONTree] {
        guard case .array(let elements) = self else { return [] }
        return elements
    }

    var text: [UInt8]? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    var int: Int? {
        guard case .scalar(let digits) = self else { return nil }
        return Int(String(decoding: digits, as: UTF8.self))
    }

    var isNull: Bool { self == .null }

    // MARK: Changing

    /// Sets a member, at the end if there is none of that name yet. Takes time in proportion to the number of members.
    mutating func set(_ name: StaticString, _ value: JSONTree) {
        guard case .object(var members) = self else { return }
        self = .null
        if let index = members.firstIndex(where: { $0.isNamed(name) }) {
            members[index].value = value
        } else {
            members.append(Member(name, value))
        }
        self = .object(members)
    }

    // MARK: Writing

    func write(to buffer: inout ByteBuffer) {
        switch self {
        case .null: buffer.writeStaticString("null")
        case .scalar(let source): buffer.writeBytes(source)
        case .string(let inner): Self.write(inner, to: &buffer)
        case .array(let elements):
            buffer.writeStaticString("[")
            for (index, element) in elements.enumerated() {
                if index > 0 { buffer.writeStaticString(",") }
                element.write(to: &buffer)
            }
            buffer.writeStaticString("]")
        case .object(let members):
            buffer.writeStaticString("{")
            for (index, member) in members.enumerated() {
                if index > 0 { buffer.writeStaticString(",") }
                member.write(to: &buffer)
            }
            buffer.writeStaticString("}")
        }
    }

    fileprivate static func write(_ inner: [UInt8], to buffer: inout ByteBuffer) {
        buffer.writeStaticString("\"")
        buffer.writeBytes(inner)
        buffer.writeStaticString("\"")
    }
}

extension JSONTree.Member {
    func isNamed(_ other: StaticString) -> Bool {
        other.withUTF8Buffer { name.elementsEqual($0) }
    }

    func write(to buffer: inout ByteBuffer) {
        JSONTree.write(name, to: &buffer)
        buffer.writeStaticString(":")
        value.write(to: &buffer)
    }
}
