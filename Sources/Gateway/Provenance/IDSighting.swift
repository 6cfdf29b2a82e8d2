import NIOCore

/// Looks for the id of the object that an answer describes: the first member `id` within its first bytes. It is a value
/// that parses nothing, because the answer is passed on unread.
struct IDSighting {
    /// The longest id that is of interest, in bytes.
    static let longestID = 128
    /// How many bytes of an answer are looked at.
    private static let longestLook = 4096

    private var seen: [UInt8] = []
    /// Where the search goes on.
    private var position = 0
    private var isOver = false

    /// Takes the next bytes of the answer.
    ///
    /// - Returns: the id, once.
    mutating func take(_ bytes: ByteBuffer) -> [UInt8]? {
        guard !isOver else { return nil }
        seen += bytes.readableBytesView.prefix(Self.longestLook - seen.count)
        defer { if isOver { seen = [] } }
        while position + Self.mark.count <= seen.count {
            if seen[position...].starts(with: Self.mark) {
                guard let value = Self.value(in: seen[(position + Self.mark.count)...]) else { break }
                if let id = value { return end(with: id) }
            }
            position += 1
        }
        if seen.count >= Self.longestLook { isOver = true }
        return nil
    }

    private mutating func end(with id: [UInt8]) -> [UInt8] {
        isOver = true
        return id
    }

    private static let mark = Array("\"id\"".utf8)

    /// Reads the string after a member's name.
    ///
    /// - Returns: nil where more bytes are needed, and an empty optional where it is no id.
    private static func value(in text: ArraySlice<UInt8>) -> [UInt8]?? {
        let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }
        let colon = text.drop(while: isSpace)
        guard let first = colon.first else { return nil }
        guard first == UInt8(ascii: ":") else { return .some(nil) }
        let quote = colon.dropFirst().drop(while: isSpace)
        guard let opening = quote.first else { return nil }
        guard opening == UInt8(ascii: "\"") else { return .some(nil) }
        let id = quote.dropFirst().prefix { isPart($0) }
        guard id.endIndex < text.endIndex else { return id.count > longestID ? .some(nil) : nil }
        let isID = text[id.endIndex] == UInt8(ascii: "\"") && (1...longestID).contains(id.count)
        return .some(isID ? Array(id) : nil)
    }

    private static func isPart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}
