public import NIOCore

/// A JSON value that can be parsed and changed, for answers that are converted to another form. `JSONWriter`
/// writes it.
///
/// Strings are kept as they were written, without their quotes and with their escapes, so that dividing one and joining
/// the pieces again loses nothing. Numbers are kept as they were written too. Names of members are written in one way,
/// so that they can be compared.
public indirect enum JSONTree: Equatable, Sendable {
    /// The source between the quotes.
    case string([UInt8])
    /// A number, `true` or `false`.
    case scalar([UInt8])
    case null
    case array([JSONTree])
    case object([Member])

    /// A member of an object.
    public struct Member: Equatable, Sendable {
        /// The name without quotes, and with only the escapes that it needs.
        public var name: [UInt8]
        /// The value of the member.
        public var value: JSONTree

        /// A member whose name needs no escapes.
        public init(_ name: StaticString, _ value: JSONTree) {
            self.name = name.withUTF8Buffer { Array($0) }
            self.value = value
        }

        /// A member whose name is written with only the escapes that it needs.
        public init(name: [UInt8], value: JSONTree) {
            self.name = name
            self.value = value
        }
    }

    /// A string that needs no escapes.
    public static func text(_ text: StaticString) -> JSONTree { .string(text.withUTF8Buffer { Array($0) }) }

    /// A whole number.
    public static func number(_ number: Int) -> JSONTree { .scalar(Array(String(number).utf8)) }

    /// `false`.
    public static let falsity = scalar(Array("false".utf8))
}

// MARK: Reading

extension JSONTree {
    /// Reads a whole body. It is nil where the body is not JSON.
    public init?(parsing buffer: ByteBuffer, with document: JSONDocument) {
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
        return source(of: (document.string(node) ?? "").utf8)
    }

    // MARK: Looking

    /// The value of the first member of that name, if this is an object.
    public subscript(name: StaticString) -> JSONTree? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.isNamed(name) }?.value
    }

    /// The members of this object. It is empty for any other kind.
    public var members: [Member] {
        guard case .object(let members) = self else { return [] }
        return members
    }

    /// The elements of this array. It is empty for any other kind.
    public var elements: [JSONTree] {
        guard case .array(let elements) = self else { return [] }
        return elements
    }

    /// The source of this string. It is nil for any other kind.
    public var text: [UInt8]? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// The value of this number, where it is written as a whole number.
    public var int: Int? {
        guard case .scalar(let digits) = self else { return nil }
        return Int(String(decoding: digits, as: UTF8.self))
    }

    /// Whether this is `null`.
    public var isNull: Bool { self == .null }

    /// The source of the string whose content is a text, with only the escapes that it needs.
    public static func source(of text: some Sequence<UInt8>) -> [UInt8] {
        var source: [UInt8] = []
        source.reserveCapacity(text.underestimatedCount)
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): source += [UInt8(ascii: "\\"), byte]
            case ..<0x20: source += Array((byte < 0x10 ? "\\u000" : "\\u00").utf8) + Array(String(byte, radix: 16).utf8)
            default: source.append(byte)
            }
        }
        return source
    }

    // MARK: Changing

    /// Sets a member, which is appended if there is none of that name. It takes time in proportion to the number of
    /// members.
    public mutating func set(_ name: StaticString, _ value: JSONTree) {
        guard case .object(var members) = self else { return }
        self = .null
        if let index = members.firstIndex(where: { $0.isNamed(name) }) {
            members[index].value = value
        } else {
            members.append(Member(name, value))
        }
        self = .object(members)
    }
}

extension JSONTree.Member {
    /// Whether the name equals `other`, which needs no escapes.
    public func isNamed(_ other: StaticString) -> Bool {
        other.withUTF8Buffer { name.elementsEqual($0) }
    }
}
