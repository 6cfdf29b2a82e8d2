/// An element of the small XML documents with which S3 and STS answer: its name without a prefix, its text, its
/// children. Attributes, comments, processing instructions and document types are skipped; entities other than XML's
/// own five and numbers are left as they are.
///
/// Names come from a server and are bytes: comparing Strings would normalise them, at a cost that grows with the square
/// of what the server sends.
struct XMLElement: Equatable {
    private let name: [UInt8]
    private var content: [UInt8] = []
    private(set) var children: [XMLElement] = []

    /// Parses a document. It is nil if the document is not well-formed, larger than 8 MiB or nested deeper than 16
    /// elements. The time taken grows in proportion to the document.
    init?(parsing bytes: some Collection<UInt8>) {
        guard bytes.count <= Self.largestDocument else { return nil }
        var reader = XMLReader(Array(bytes))
        guard let root = reader.document() else { return nil }
        self = root
    }

    static let largestDocument = 8 << 20

    fileprivate init(name: ArraySlice<UInt8>) { self.name = Array(name) }

    /// The element's own text, without that of its children.
    var text: String { String(decoding: content, as: UTF8.self) }

    /// Whether its name without a prefix equals `name`.
    func isCalled(_ name: StaticString) -> Bool { name.withUTF8Buffer { self.name.elementsEqual($0) } }

    /// The text of the first child with a name.
    subscript(name: StaticString) -> String? { children.first { $0.isCalled(name) }?.text }

    /// Whether the first child with a name has exactly this text.
    func has(_ name: StaticString, _ text: StaticString) -> Bool {
        guard let child = children.first(where: { $0.isCalled(name) }) else { return false }
        return text.withUTF8Buffer { child.content.elementsEqual($0) }
    }

    /// The children with a name.
    func all(_ name: StaticString) -> [XMLElement] { children.filter { $0.isCalled(name) } }

    /// The first element with a name at any depth.
    func first(_ name: StaticString) -> XMLElement? {
        if isCalled(name) { return self }
        for child in children {
            if let found = child.first(name) { return found }
        }
        return nil
    }

    fileprivate mutating func append(_ child: XMLElement) { children.append(child) }
    fileprivate mutating func append(_ text: ArraySlice<UInt8>) { content += text }

    /// Appends text whose entities are decoded.
    fileprivate mutating func append(decoding text: ArraySlice<UInt8>) {
        var rest = text
        while let start = rest.firstIndex(of: UInt8(ascii: "&")) {
            content += rest[..<start]
            rest = rest[start...]
            guard let (scalar, length) = XMLEntity.read(rest) else {
                content.append(UInt8(ascii: "&"))
                rest = rest.dropFirst()
                continue
            }
            content += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
            rest = rest.dropFirst(length)
        }
        content += rest
    }
}

/// A reference to a character, such as `&amp;` or `&#233;`.
enum XMLEntity {
    /// The greatest length of a reference, such as `&#x10FFFF;` with leading zeros.
    private static let longest = 16

    /// The character at the beginning of `bytes`, and the length of its reference. It is nil where `bytes` do not begin
    /// with a reference. Only a few bytes are examined.
    static func read(_ bytes: ArraySlice<UInt8>) -> (scalar: Unicode.Scalar, length: Int)? {
        let near = bytes.prefix(longest)
        guard let end = near.firstIndex(of: UInt8(ascii: ";")) else { return nil }
        let name = near[..<end].dropFirst()
        return scalar(name).map { ($0, name.count + 2) }
    }

    private static func scalar(_ name: ArraySlice<UInt8>) -> Unicode.Scalar? {
        if name.first == UInt8(ascii: "#") {
            let digits = name.dropFirst()
            let isHexadecimal = digits.first == UInt8(ascii: "x")
            let text = String(decoding: isHexadecimal ? digits.dropFirst() : digits, as: UTF8.self)
            return UInt32(text, radix: isHexadecimal ? 16 : 10).flatMap(Unicode.Scalar.init)
        }
        return names.first { $0.name.elementsEqual(name) }?.scalar
    }

    private static let names: [(name: String.UTF8View, scalar: Unicode.Scalar)] = [
        ("amp".utf8, "&"), ("lt".utf8, "<"), ("gt".utf8, ">"), ("quot".utf8, "\""), ("apos".utf8, "'"),
    ]
}

private struct XMLReader {
    private static let deepest = 16

    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() -> XMLElement? {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        guard skipMisc(), let root = element(depth: 0), skipMisc(), position == bytes.count else { return nil }
        return root
    }

    /// Skips space, comments, instructions and document types.
    private mutating func skipMisc() -> Bool {
        while position < bytes.count {
            if Self.isSpace(bytes[position]) {
                position += 1
            } else if starts("<?") {
                guard skip(past: "?>") else { return false }
            } else if starts("<!--") {
                guard skip(past: "-->") else { return false }
            } else if starts("<!") {
                guard skip(past: ">") else { return false }
            } else {
                break
            }
        }
        return true
    }

    private mutating func element(depth: Int) -> XMLElement? {
        guard depth < Self.deepest, take("<"), let name = name() else { return nil }
        var element = XMLElement(name: local(name))
        guard let isEmpty = skipAttributes() else { return nil }
        if isEmpty { return element }
        while position < bytes.count {
            if starts("</") {
                position += 2
                guard let end = self.name(), bytes[end].elementsEqual(bytes[name]) else { return nil }
                skipSpace()
                return take(">") ? element : nil
            } else if starts("<![CDATA[") {
                position += 9
                let start = position
                guard skip(past: "]]>") else { return nil }
                element.append(bytes[start..<(position - 3)])
            } else if starts("<!--") {
                guard skip(past: "-->") else { return nil }
            } else if starts("<?") {
                guard skip(past: "?>") else { return nil }
            } else if starts("<") {
                guard let child = self.element(depth: depth + 1) else { return nil }
                element.append(child)
            } else {
                let end = bytes[position...].firstIndex(of: UInt8(ascii: "<")) ?? bytes.count
                element.append(decoding: bytes[position..<end])
                position = end
            }
        }
        return nil
    }

    /// - Returns: whether the element ends here. It is nil where it is malformed.
    private mutating func skipAttributes() -> Bool? {
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: ">"):
                position += 1
                return false
            case UInt8(ascii: "/"):
                position += 1
                return take(">") ? true : nil
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                let quote = bytes[position]
                guard let end = bytes[(position + 1)...].firstIndex(of: quote) else { return nil }
                position = end + 1
            case UInt8(ascii: "<"): return nil
            default: position += 1
            }
        }
        return nil
    }

    private mutating func name() -> Range<Int>? {
        let start = position
        while position < bytes.count, !Self.endsName(bytes[position]) { position += 1 }
        return position > start ? start..<position : nil
    }

    /// The name without its prefix.
    private func local(_ name: Range<Int>) -> ArraySlice<UInt8> {
        let bytes = bytes[name]
        guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")), colon + 1 < bytes.endIndex else { return bytes }
        return bytes[(colon + 1)...]
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }

    private static func endsName(_ byte: UInt8) -> Bool {
        isSpace(byte) || byte == UInt8(ascii: "/") || byte == UInt8(ascii: ">") || byte == UInt8(ascii: "=")
            || byte == UInt8(ascii: "<")
    }

    private mutating func skipSpace() {
        while position < bytes.count, Self.isSpace(bytes[position]) { position += 1 }
    }

    private func starts(_ text: StaticString) -> Bool {
        text.withUTF8Buffer { bytes[position...].starts(with: $0) }
    }

    private mutating func take(_ text: StaticString) -> Bool {
        guard starts(text) else { return false }
        position += text.utf8CodeUnitCount
        return true
    }

    private mutating func skip(past text: StaticString) -> Bool {
        while position < bytes.count {
            if take(text) { return true }
            position += 1
        }
        return false
    }
}
