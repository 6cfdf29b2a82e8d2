import ResponseCache

/// Finds what a model says of the tokens of its answer, without parsing the answer: it looks for the last `usage` from the
/// end on, where every API family has it.
///
/// An answer in which the text of a user quotes a `usage` is not taken in by that, since quotes within a JSON string are
/// escaped. The cost is bounded by the length of the window, whatever the bytes are.
struct UsageReader {
    /// How many bytes at the end of an answer are searched.
    static let window = 4 * 1024
    /// How many bytes a `usage` has at most.
    private static let longest = 2 * 1024
    /// Larger numbers are no numbers of tokens.
    private static let most: Int64 = 1 << 32

    private let bytes: UnsafeRawBufferPointer
    private var position: Int
    private let end: Int

    /// Returns the last usage within the bytes. It is nil where there is none.
    static func usage(in bytes: UnsafeRawBufferPointer) -> ReportedUsage? {
        var end = bytes.count
        while let place = lastName(in: bytes, before: end) {
            var reader = UsageReader(bytes, at: place + name.utf8CodeUnitCount)
            if let usage = reader.read() { return usage }
            end = place
        }
        return nil
    }

    // MARK: The place

    private static let name: StaticString = "\"usage\""

    /// Searches backwards for the name. Where the byte at a place does not occur in the name, no place within the name's
    /// length before it can match either.
    private static func lastName(in bytes: UnsafeRawBufferPointer, before end: Int) -> Int? {
        let length = name.utf8CodeUnitCount
        let quote = UInt8(ascii: "\"")
        var place = end - length
        while place >= 0 {
            switch bytes[place] {
            case quote:
                let isEscaped = place > 0 && bytes[place - 1] == UInt8(ascii: "\\")
                if !isEscaped, bytes[place + 1] == UInt8(ascii: "u"), matches(bytes, at: place) { return place }
                // The quote may be the last one of the name.
                place -= 1
            case UInt8(ascii: "u"): place -= 1
            case UInt8(ascii: "s"): place -= 2
            case UInt8(ascii: "a"): place -= 3
            case UInt8(ascii: "g"): place -= 4
            case UInt8(ascii: "e"): place -= 5
            default: place -= length
            }
        }
        return nil
    }

    private static func matches(_ bytes: UnsafeRawBufferPointer, at place: Int) -> Bool {
        name.withUTF8Buffer { name in
            name.indices.allSatisfy { bytes[place + $0] == name[$0] }
        }
    }

    // MARK: The object

    private init(_ bytes: UnsafeRawBufferPointer, at position: Int) {
        self.bytes = bytes
        self.position = position
        end = min(bytes.count, position + Self.longest)
    }

    /// Reads the object that follows the name. It is nil where none does, or none that has a number of tokens.
    private mutating func read() -> ReportedUsage? {
        guard skip() == UInt8(ascii: ":") else { return nil }
        position += 1
        guard skip() == UInt8(ascii: "{") else { return nil }
        var usage = ReportedUsage()
        var depth = 0
        while let byte = skip() {
            switch byte {
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth == 0 { return usage.isEmpty ? nil : usage }
            case UInt8(ascii: "\""):
                guard let member = string() else { return nil }
                guard skip() == UInt8(ascii: ":") else { continue }
                position += 1
                if let number = number() { usage.take(UnsafeRawBufferPointer(rebasing: bytes[member]), number) }
                continue
            default: break
            }
            position += 1
        }
        return nil
    }

    /// Skips blanks, and returns the byte that follows them.
    private mutating func skip() -> UInt8? {
        while position < end {
            let byte = bytes[position]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
            position += 1
        }
        return nil
    }

    /// Reads a string without escapes, and returns the place of its text.
    private mutating func string() -> Range<Int>? {
        let start = position + 1
        var next = start
        while next < end {
            let byte = bytes[next]
            if byte == UInt8(ascii: "\"") {
                position = next + 1
                return start..<next
            }
            next += byte == UInt8(ascii: "\\") ? 2 : 1
        }
        return nil
    }

    /// Reads a whole number. It is nil where something else follows.
    private mutating func number() -> Int? {
        guard skip() != nil else { return nil }
        var value: Int64 = 0
        let start = position
        while position < end, value < Self.most {
            let digit = bytes[position] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            value = value * 10 + Int64(digit)
            position += 1
        }
        guard position > start, position < end, value < Self.most else { return nil }
        let next = bytes[position]
        guard next != UInt8(ascii: "."), next | 0x20 != UInt8(ascii: "e") else { return nil }
        return Int(value)
    }
}
