/// The headers of an answer that the plugin reads. All others are dropped as they are received.
struct ResponseHeaders {
    enum Name: String, CaseIterable {
        case contentLength = "content-length"
        case date
        case expires
        case region = "x-amz-bucket-region"
        case retryAfter = "retry-after"
    }

    /// The greatest length of a value that is kept, in bytes. No valid value of these headers is as long.
    private static let longestValue = 128

    private var values: [Name: String] = [:]

    /// The first value of a header: printable ASCII of at most 128 bytes.
    subscript(name: Name) -> String? { values[name] }

    /// Adds a header line, with or without its end. One that is too long or has other characters is dropped.
    mutating func take(_ line: UnsafeRawBufferPointer) {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")),
            let name = Name.allCases.first(where: { Self.isSame($0.rawValue.utf8, line[..<colon]) }),
            values[name] == nil
        else { return }
        var value = line[(colon + 1)...]
        while let first = value.first, Self.isSpace(first) { value = value.dropFirst() }
        while let last = value.last, Self.isSpace(last) { value = value.dropLast() }
        guard value.count <= Self.longestValue, value.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else { return }
        values[name] = String(decoding: value, as: UTF8.self)
    }

    /// Whether a field has this name, ignoring case (RFC 9110 section 5.1).
    private static func isSame(_ name: String.UTF8View, _ field: some Collection<UInt8>) -> Bool {
        name.count == field.count
            && zip(name, field).allSatisfy { letter, byte in
                letter == ((UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte)
            }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A }
}
