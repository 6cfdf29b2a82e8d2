import NIOCore
import Text

/// How a value of a request is shown: on one line, without control characters, and shortened.
enum ShownValue {
    /// How many characters of a value are shown.
    static let usualLength = 72
    /// How many bytes that are the same are shown before the first one that differs.
    private static let context = 16

    /// Both values of a difference, nil where there is none. Two that begin alike are shown from a little before the place
    /// where they differ.
    ///
    /// - Parameter isComplete: whether they are shown whole.
    static func texts(
        _ first: ByteBufferView?,
        _ second: ByteBufferView?,
        isComplete: Bool = false
    ) -> (first: String?, second: String?) {
        guard !isComplete else {
            return (first.map { text($0, atMost: .max) }, second.map { text($0, atMost: .max) })
        }
        guard let first, let second else {
            return (first.map { text($0, atMost: usualLength) }, second.map { text($0, atMost: usualLength) })
        }
        let same = commonLength(first, second)
        guard same > usualLength / 2 else {
            return (text(first, atMost: usualLength), text(second, atMost: usualLength))
        }
        let start = same - context
        return (tail(of: first, from: start), tail(of: second, from: start))
    }

    /// How many bytes at the beginning are the same.
    private static func commonLength(_ first: ByteBufferView, _ second: ByteBufferView) -> Int {
        first.withUnsafeBytes { first in
            second.withUnsafeBytes { second in
                let length = min(first.count, second.count)
                var index = 0
                while index < length, first[index] == second[index] { index += 1 }
                return index
            }
        }
    }

    private static func tail(of value: ByteBufferView, from start: Int) -> String {
        // A character is not divided.
        let rest = value.dropFirst(start).drop { $0 & 0xC0 == 0x80 }
        return "…" + text(rest, atMost: usualLength)
    }

    private static func text(_ bytes: ByteBufferView, atMost limit: Int) -> String {
        // A character has at most four bytes.
        let bytes = limit == .max ? bytes : bytes.prefix(4 * (limit + 1))
        return String(decoding: bytes, as: UTF8.self).quotable(atMost: limit)
    }
}
