/// An element of the small XML documents that S3 and STS answer with: its name without a prefix, its text, its children.
/// Attributes, comments, processing instructions and document types are skipped; entities beyond XML's own five and
/// numbers stay as they are.
struct XMLElement: Equatable {
    private(set) var name: String
    private(set) var text = ""
    private(set) var children: [XMLElement] = []

    /// Reads a document; nil if it is not well-formed, larger than 8 MiB or nested deeper than 16 elements.
    init?(parsing bytes: some Collection<UInt8>) {
        guard bytes.count <= 8 << 20 else { return nil }
        var reader = XMLReader(Array(bytes))
        guard let root = reader.document() else { return nil }
        self = root
    }

    fileprivate init(name: String) { self.name = name }

    /// The text of the first child with a name.
    subscript(name: String) -> String? { children.first { $0.name == name }?.text }

    /// The children with a name.
    func all(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }

    /// The first element with a name at any depth.
    func first(_ name: String) -> XMLElement? {
        if self.name == name { return self }
        for child in children {
            if let found = child.first(name) { return found }
        }
        return nil
    }

    fileprivate mutating func append(_ child: XMLElement) { children.append(child) }
    fileprivate mutating func append(_ text: String) { self.text += text }
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
            if [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) {
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
        var element = XMLElement(name: Self.local(name))
        guard let isEmpty = skipAttributes() else { return nil }
        if isEmpty { return element }
        while position < bytes.count {
            if starts("</") {
                position += 2
                guard self.name() == name else { return nil }
                skipSpace()
                return take(">") ? element : nil
            } else if starts("<![CDATA[") {
                position += 9
                let start = position
                guard skip(past: "]]>") else { return nil }
                element.append(String(decoding: bytes[start..<(position - 3)], as: UTF8.self))
            } else if starts("<!--") {
                guard skip(past: "-->") else { return nil }
            } else if starts("<?") {
                guard skip(past: "?>") else { return nil }
            } else if starts("<") {
                guard let child = self.element(depth: depth + 1) else { return nil }
                element.append(child)
            } else {
                element.append(text())
            }
        }
        return nil
    }

    /// - Returns: whether the element ends here; nil: it is malformed.
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

    private mutating func text() -> String {
        let end = bytes[position...].firstIndex(of: UInt8(ascii: "<")) ?? bytes.count
        let raw = String(decoding: bytes[position..<end], as: UTF8.self)
        position = end
        return raw.utf8.contains(UInt8(ascii: "&")) ? Self.decoded(raw) : raw
    }

    private static func decoded(_ raw: String) -> String {
        var text = ""
        var rest = raw[...]
        while let start = rest.firstIndex(of: "&") {
            text += rest[..<start]
            rest = rest[start...]
            guard let end = rest.firstIndex(of: ";"), let scalar = entity(rest[rest.index(after: start)..<end]) else {
                text += "&"
                rest = rest.dropFirst()
                continue
            }
            text.unicodeScalars.append(scalar)
            rest = rest[rest.index(after: end)...]
        }
        return text + rest
    }

    private static func entity(_ name: Substring) -> Unicode.Scalar? {
        switch name {
        case "amp": return "&"
        case "lt": return "<"
        case "gt": return ">"
        case "quot": return "\""
        case "apos": return "'"
        default:
            guard name.hasPrefix("#") else { return nil }
            let digits = name.dropFirst()
            let code = digits.hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
            return code.flatMap(Unicode.Scalar.init)
        }
    }

    private mutating func name() -> String? {
        let start = position
        while position < bytes.count, !Array(" \t\r\n/>=<".utf8).contains(bytes[position]) { position += 1 }
        return position > start ? String(decoding: bytes[start..<position], as: UTF8.self) : nil
    }

    private static func local(_ name: String) -> String {
        name.split(separator: ":").last.map(String.init) ?? name
    }

    private mutating func skipSpace() {
        while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
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
