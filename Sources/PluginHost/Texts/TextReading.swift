/// A text after its escapes have been decoded: bytes, each with its place in the original.
struct TextReading {
    /// Kinds of escapes, decoded together in one pass.
    struct Escapes: OptionSet {
        let rawValue: Int

        /// `%2F` (RFC 3986 section 2.1).
        static let percent = Escapes(rawValue: 1)
        /// `+` for a space, as in forms.
        static let plus = Escapes(rawValue: 2)
        /// `\"`, `\n`, `\x2f` and `\u002f`, as in quotes and JSON.
        static let backslash = Escapes(rawValue: 4)
        /// `&amp;` and `&#47;`, as in XML.
        static let entity = Escapes(rawValue: 8)
    }

    private(set) var bytes: [UInt8] = []
    private var starts: [Int] = []
    private var ends: [Int] = []

    /// Makes a reading of the text without decoding.
    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        starts = Array(bytes.indices)
        ends = starts.map { $0 + 1 }
    }

    private init() {}

    /// The useful ways to decode a text.
    static let decodings: [Escapes] = [
        .percent, [.percent, .plus], .backslash, .entity, [.percent, .backslash, .entity],
    ]

    /// The text as it is, and decoded in each way that changes it, twice where it is escaped in two ways.
    var all: [TextReading] {
        guard let present = escapes else { return [self] }
        var readings = [self]
        for escapes in Self.decodings where !escapes.isDisjoint(with: present) {
            let once = decoded(escapes)
            readings.append(once)
            if escapes == Self.decodings.last, once.escapes != nil { readings.append(once.decoded(escapes)) }
        }
        return readings
    }

    /// Which kinds of escapes there may be. It is nil where there are none.
    private var escapes: Escapes? {
        var found: Escapes = []
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "%"): found.insert(.percent)
            case UInt8(ascii: "+"): found.insert(.plus)
            case UInt8(ascii: "\\"): found.insert(.backslash)
            case UInt8(ascii: "&"): found.insert(.entity)
            default: break
            }
        }
        return found.isEmpty ? nil : found
    }

    /// The range of the original that a range of the reading was decoded from.
    func source(_ range: Range<Int>) -> Range<Int> {
        guard let first = range.first, let last = range.last, first < starts.count, last < ends.count else {
            return 0..<0
        }
        return starts[first]..<max(starts[first], ends[last])
    }

    func decoded(_ escapes: Escapes) -> TextReading {
        var reading = TextReading()
        reading.bytes.reserveCapacity(bytes.count)
        var position = 0
        while position < bytes.count {
            let (decoded, length) = decode(at: position, escapes) ?? ([bytes[position]], 1)
            for byte in decoded {
                reading.bytes.append(byte)
                reading.starts.append(starts[position])
                reading.ends.append(ends[position + length - 1])
            }
            position += length
        }
        return reading
    }

    /// What an escape at a position stands for, and how long it is. It is nil where there is none.
    private func decode(at position: Int, _ escapes: Escapes) -> (bytes: [UInt8], length: Int)? {
        switch bytes[position] {
        case UInt8(ascii: "%") where escapes.contains(.percent):
            return hexadecimal(at: position + 1, digits: 2).map { ([UInt8(truncatingIfNeeded: $0)], 3) }
        case UInt8(ascii: "+") where escapes.contains(.plus): return ([0x20], 1)
        case UInt8(ascii: "\\") where escapes.contains(.backslash): return backslash(at: position)
        case UInt8(ascii: "&") where escapes.contains(.entity): return entity(at: position)
        default: return nil
        }
    }

    private func backslash(at position: Int) -> (bytes: [UInt8], length: Int)? {
        guard position + 1 < bytes.count else { return nil }
        let sign = bytes[position + 1]
        switch sign {
        case UInt8(ascii: "x"):
            return hexadecimal(at: position + 2, digits: 2).map { ([UInt8(truncatingIfNeeded: $0)], 4) }
        case UInt8(ascii: "u"):
            guard let unit = hexadecimal(at: position + 2, digits: 4) else { return nil }
            guard (0xD800..<0xDC00).contains(unit) else {
                return Unicode.Scalar(unit).map { (Array(String($0).utf8), 6) }
            }
            guard position + 7 < bytes.count, bytes[position + 6] == UInt8(ascii: "\\"),
                bytes[position + 7] == UInt8(ascii: "u"), let low = hexadecimal(at: position + 8, digits: 4),
                (0xDC00..<0xE000).contains(low)
            else { return nil }
            let scalar = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
            return Unicode.Scalar(scalar).map { (Array(String($0).utf8), 12) }
        case UInt8(ascii: "n"): return ([0x0A], 2)
        case UInt8(ascii: "r"): return ([0x0D], 2)
        case UInt8(ascii: "t"): return ([0x09], 2)
        case UInt8(ascii: "b"): return ([0x08], 2)
        case UInt8(ascii: "f"): return ([0x0C], 2)
        case UInt8(ascii: "a"): return ([0x07], 2)
        default: return sign < 0x80 ? ([sign], 2) : nil
        }
    }

    private static let entities: [(name: [UInt8], byte: UInt8)] = [
        (Array("amp".utf8), UInt8(ascii: "&")), (Array("lt".utf8), UInt8(ascii: "<")),
        (Array("gt".utf8), UInt8(ascii: ">")), (Array("quot".utf8), UInt8(ascii: "\"")),
        (Array("apos".utf8), UInt8(ascii: "'")),
    ]

    private func entity(at position: Int) -> (bytes: [UInt8], length: Int)? {
        let near = bytes[(position + 1)...].prefix(10)
        guard let end = near.firstIndex(of: UInt8(ascii: ";")) else { return nil }
        let name = near[..<end]
        let length = end - position + 1
        guard name.first == UInt8(ascii: "#") else {
            return Self.entities.first { $0.name.elementsEqual(name) }.map { ([$0.byte], length) }
        }
        let isHexadecimal = name.dropFirst().first.map { $0 | 0x20 } == UInt8(ascii: "x")
        let digits = String(decoding: name.dropFirst(isHexadecimal ? 2 : 1), as: UTF8.self)
        return UInt32(digits, radix: isHexadecimal ? 16 : 10).flatMap(Unicode.Scalar.init)
            .map { (Array(String($0).utf8), length) }
    }

    private func hexadecimal(at position: Int, digits: Int) -> UInt32? {
        guard position + digits <= bytes.count else { return nil }
        var number: UInt32 = 0
        for byte in bytes[position..<(position + digits)] {
            switch byte {
            case 0x30...0x39: number = number << 4 | UInt32(byte - 0x30)
            case 0x41...0x46: number = number << 4 | UInt32(byte - 0x41 + 10)
            case 0x61...0x66: number = number << 4 | UInt32(byte - 0x61 + 10)
            default: return nil
            }
        }
        return number
    }
}
