import Glibc

/// The content of a string that was parsed: its source between the quotes, with or without escapes.
///
/// `bytes` is valid for `count` bytes. The scanner's checks are relied on for the meaning but never for the bounds.
public struct JSONText {
    /// The source between the quotes. It is valid only while the document is being read.
    public let bytes: UnsafePointer<UInt8>
    /// How many bytes the source has.
    public let count: Int
    /// Whether the source contains a backslash, so that it differs from the content.
    public let escaped: Bool

    /// Makes a text of `count` bytes.
    @inlinable
    public init(bytes: UnsafePointer<UInt8>, count: Int, escaped: Bool) {
        self.bytes = bytes
        self.count = count
        self.escaped = escaped
    }

    /// Reads four hexadecimal digits at `index`. It is nil where they are not there.
    static func hexadecimal(_ bytes: UnsafePointer<UInt8>, at index: Int, end: Int) -> UInt32? {
        guard end &- index >= 4 else { return nil }
        var value: UInt32 = 0
        for offset in 0..<4 {
            let byte = bytes[index &+ offset]
            let digit: UInt8
            if byte &- 0x30 < 10 {
                digit = byte &- 0x30
            } else if (byte | 0x20) &- 0x61 < 6 {
                digit = (byte | 0x20) &- 0x61 &+ 10
            } else {
                return nil
            }
            value = value << 4 | UInt32(digit)
        }
        return value
    }

    /// Appends the decoded content.
    func append(to out: inout Scratch<UInt8>) {
        guard escaped else {
            out.append(UnsafeRawBufferPointer(start: bytes, count: count))
            return
        }
        // No escape decodes to more bytes than it is written with.
        out.reserve(count)
        let target = out.base + out.count
        var written = 0
        var position = 0
        while position < count {
            let rest = count &- position
            let found = memchr(bytes + position, Int32(UInt8(ascii: "\\")), rest)
            let run = found.map { UnsafeRawPointer($0) - UnsafeRawPointer(bytes + position) } ?? rest
            memcpy(target + written, bytes + position, run)
            written &+= run
            position &+= run
            guard position < count else { break }
            var unit = decodeEscape(&position)
            while let byte = unit.next() {
                target[written] = byte
                written &+= 1
            }
        }
        out.commit(written)
    }

    /// The content with its escapes decoded.
    public var decoded: [UInt8] {
        var text = Scratch<UInt8>(initial: count, kept: count)
        append(to: &text)
        return Array(text.bytes)
    }

    /// Compares the decoded bytes of this content with another's. The result is negative, zero or positive.
    @usableFromInline
    func compare(_ other: JSONText) -> Int {
        if escaped || other.escaped { return compareDecoded(other) }
        // Most names differ in their first byte.
        if count > 0, other.count > 0, bytes.pointee != other.bytes.pointee {
            return bytes.pointee < other.bytes.pointee ? -1 : 1
        }
        let order = memcmp(bytes, other.bytes, min(count, other.count))
        return order != 0 ? Int(order) : count &- other.count
    }

    /// Whether the content is `text`.
    @inlinable
    public func equals(_ text: StaticString) -> Bool {
        guard !escaped else {
            return compare(JSONText(bytes: text.utf8Start, count: text.utf8CodeUnitCount, escaped: false)) == 0
        }
        // Nearly every name is ruled out by its length or its first byte.
        guard count == text.utf8CodeUnitCount else { return false }
        return count == 0 || bytes.pointee == text.utf8Start.pointee && hasBytes(text.utf8Start)
    }

    /// Whether the decoded content is exactly these bytes.
    public func equals(bytes other: [UInt8]) -> Bool {
        other.withUnsafeBufferPointer { other in
            guard let base = other.baseAddress else { return count == 0 }
            return compare(JSONText(bytes: base, count: other.count, escaped: false)) == 0
        }
    }

    /// Whether the source is the `count` bytes at `other`.
    @usableFromInline
    func hasBytes(_ other: UnsafePointer<UInt8>) -> Bool { memcmp(bytes, other, count) == 0 }

    /// Whether the content equals `lower`, ignoring the case of ASCII letters. `lower` is in lower case.
    public func equalsIgnoringCase(_ lower: StaticString) -> Bool {
        let length = lower.utf8CodeUnitCount
        guard escaped ? count >= length : count == length else { return false }
        var content = DecodedBytes(text: self)
        for index in 0..<length {
            guard let byte = content.next(),
                (byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte) == lower.utf8Start[index]
            else { return false }
        }
        return content.next() == nil
    }

    @inline(never)
    private func compareDecoded(_ other: JSONText) -> Int {
        var left = DecodedBytes(text: self)
        var right = DecodedBytes(text: other)
        while true {
            guard let a = left.next() else { return right.next() == nil ? 0 : -1 }
            guard let b = right.next() else { return 1 }
            if a != b { return a < b ? -1 : 1 }
        }
    }

    /// Returns the bytes of the escape at `position`, and moves `position` behind it.
    fileprivate func decodeEscape(_ position: inout Int) -> UTF8Bytes {
        let kind = position &+ 1 < count ? bytes[position &+ 1] : 0
        position &+= 2
        switch kind {
        case UInt8(ascii: "b"): return UTF8Bytes(scalar: 0x08)
        case UInt8(ascii: "f"): return UTF8Bytes(scalar: 0x0C)
        case UInt8(ascii: "n"): return UTF8Bytes(scalar: 0x0A)
        case UInt8(ascii: "r"): return UTF8Bytes(scalar: 0x0D)
        case UInt8(ascii: "t"): return UTF8Bytes(scalar: 0x09)
        case UInt8(ascii: "u"):
            let high = JSONText.hexadecimal(bytes, at: position, end: count) ?? 0
            position &+= 4
            guard high & 0xFC00 == 0xD800 else { return UTF8Bytes(scalar: high) }
            let low = JSONText.hexadecimal(bytes, at: position &+ 2, end: count) ?? 0
            position &+= 6
            return UTF8Bytes(scalar: 0x1_0000 &+ ((high & 0x3FF) << 10) &+ (low & 0x3FF))
        default: return UTF8Bytes(scalar: UInt32(kind))
        }
    }
}

/// The decoded content of a string, byte by byte.
private struct DecodedBytes {
    let text: JSONText
    var position = 0
    var pending = UTF8Bytes.none

    mutating func next() -> UInt8? {
        if let byte = pending.next() { return byte }
        guard position < text.count else { return nil }
        if text.escaped, text.bytes[position] == UInt8(ascii: "\\") {
            pending = text.decodeEscape(&position)
            return pending.next()
        }
        position &+= 1
        return text.bytes[position &- 1]
    }
}

/// One character as UTF-8: up to four bytes, the first one lowest.
private struct UTF8Bytes {
    private var packed: UInt32
    private var count: Int

    static let none = UTF8Bytes(packed: 0, count: 0)

    private init(packed: UInt32, count: Int) {
        self.packed = packed
        self.count = count
    }

    init(scalar: UInt32) {
        func tail(_ shift: UInt32) -> UInt32 { 0x80 | (scalar >> shift & 0x3F) }
        if scalar < 0x80 {
            self.init(packed: scalar, count: 1)
        } else if scalar < 0x800 {
            self.init(packed: (0xC0 | scalar >> 6) | tail(0) << 8, count: 2)
        } else if scalar < 0x1_0000 {
            self.init(packed: (0xE0 | scalar >> 12) | tail(6) << 8 | tail(0) << 16, count: 3)
        } else {
            self.init(packed: (0xF0 | scalar >> 18) | tail(12) << 8 | tail(6) << 16 | tail(0) << 24, count: 4)
        }
    }

    mutating func next() -> UInt8? {
        guard count > 0 else { return nil }
        count &-= 1
        defer { packed >>= 8 }
        return UInt8(truncatingIfNeeded: packed)
    }
}
