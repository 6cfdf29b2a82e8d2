/// The expected form of the next reply, as the sender of the command knows it. Anything else is refused before it is
/// read.
struct ExpectedReply: Equatable {
    /// Whether the reply is wanted. Otherwise it is skipped as it is received.
    var isWanted = true
    /// The longest string that is kept, in bytes. A longer one is skipped, and replaced by `.oversized` in the reply.
    var longestString: Int
    /// How many bytes all strings of the reply may have together. Strings beyond that are skipped as well.
    var allStrings: Int
    /// How many strings, numbers and arrays it may have, including itself.
    var parts: Int

    /// One status, number or error.
    static let line = ExpectedReply(longestString: 0, allStrings: 0, parts: 1)

    /// A line, or a short string in its place.
    static let short = ExpectedReply(longestString: 1 << 10, allStrings: 1 << 10, parts: 1)

    /// The answer to a query of the plugin's own, such as the layout of a cluster or a page of keys.
    static let listing = ExpectedReply(longestString: 64 << 10, allStrings: 16 << 20, parts: 1 << 18)
}

/// Reads replies (RESP 2) from a connection's bytes as they are received. It finds where each part of a reply ends,
/// refuses a length when its line is received, skips what is not wanted, and lets hiredis make the reply of the rest.
/// Each byte is examined once here, and once by hiredis when the reply is complete. It is not bound to a connection,
/// and owns the incomplete reply.
final class ReplyReader {
    /// Why the connection cannot be used any more: the bytes are not replies of a Redis server, or not the expected
    /// ones.
    struct Refusal: Error, Equatable {
        let reason: String
        /// Whether the reason is a value that is too long even to be skipped.
        var isOversized = false
    }

    enum Outcome {
        /// A complete reply, which the caller owns.
        case reply(Reply)
        /// A complete reply that was not wanted.
        case skipped
    }

    /// The greatest length of a line in bytes: a status, an error, a number or a length. Redis truncates its own errors
    /// at some hundred bytes.
    static let longestLine = 16 << 10
    /// How deep arrays may be nested, which is as deep as hiredis reads.
    static let deepest = 7
    /// The longest string that is skipped, in bytes. For a longer one the connection is closed instead.
    static let longestSkipped = 64 << 20

    private enum State {
        case beginning
        case line
        /// The reader is within a string, of which `left` bytes are missing.
        case string(left: Int, isKept: Bool)
        /// The reader is at the line end after a string, of which `left` bytes are missing.
        case stringEnd(left: Int, isKept: Bool)
    }

    private let builder = ReplyBuilder()

    private var state = State.beginning
    private var expected = ExpectedReply.line
    private var partsLeft = 0
    private var bytesLeft = 0
    /// How many elements are missing of each array that has begun, the outermost first.
    private var arrays: [Int] = []
    /// The beginning of a line whose end has not been received.
    private var lineStart: [UInt8] = []

    /// Skips the rest of the incomplete reply, since it is no longer wanted.
    func abandon() {
        expected.isWanted = false
        builder.reset()
        switch state {
        case .beginning, .line: break
        case .string(let left, _): state = .string(left: left, isKept: false)
        case .stringEnd(let left, _): state = .stringEnd(left: left, isKept: false)
        }
    }

    /// Continues reading.
    /// - Parameters:
    ///   - input: bytes of the connection. Used bytes are removed from its front.
    ///   - expectation: called when a reply begins.
    /// - Returns: the next complete reply, or nil where more bytes are needed.
    func next(
        _ input: inout UnsafeRawBufferPointer,
        expecting expectation: () -> ExpectedReply
    ) throws(Refusal) -> Outcome? {
        while true {
            switch state {
            case .beginning:
                guard !input.isEmpty else { return nil }
                expected = expectation()
                partsLeft = expected.parts
                bytesLeft = expected.allStrings
                state = .line
            case .line:
                guard let end = input.firstIndex(of: 0x0A) else {
                    guard lineStart.count + input.count <= Self.longestLine else { throw Self.tooLong }
                    lineStart.append(contentsOf: input)
                    Self.take(input.count, from: &input)
                    return nil
                }
                guard lineStart.count + end <= Self.longestLine else { throw Self.tooLong }
                let rest = UnsafeRawBufferPointer(rebasing: input[..<(end + 1)])
                Self.take(end + 1, from: &input)
                if let outcome = try read(rest) { return outcome }
            case .string(let left, let isKept):
                let part = UnsafeRawBufferPointer(rebasing: input.prefix(left))
                if isKept { try builder.add(part) }
                Self.take(part.count, from: &input)
                guard part.count == left else {
                    state = .string(left: left - part.count, isKept: isKept)
                    return nil
                }
                state = .stringEnd(left: 2, isKept: isKept)
            case .stringEnd(let left, let isKept):
                guard let byte = input.first else { return nil }
                guard byte == (left == 2 ? 0x0D : 0x0A) else {
                    throw Refusal(reason: "a string is longer than it says")
                }
                if isKept { try builder.add(UnsafeRawBufferPointer(rebasing: input.prefix(1))) }
                Self.take(1, from: &input)
                if left == 2 {
                    state = .stringEnd(left: 1, isKept: isKept)
                } else {
                    state = .line
                    if let outcome = try complete() { return outcome }
                }
            }
        }
    }

    // MARK: Lines

    /// Reads a line whose end has been received, of which `lineStart` may hold the beginning.
    private func read(_ rest: UnsafeRawBufferPointer) throws(Refusal) -> Outcome? {
        guard !lineStart.isEmpty else { return try understand(rest) }
        let line = lineStart + rest
        lineStart.removeAll(keepingCapacity: true)
        var result: Result<Outcome?, Refusal> = .success(nil)
        line.withUnsafeBytes { bytes in
            do throws(Refusal) { result = .success(try understand(bytes)) } catch { result = .failure(error) }
        }
        return try result.get()
    }

    /// - Parameter line: the line with its end.
    private func understand(_ line: UnsafeRawBufferPointer) throws(Refusal) -> Outcome? {
        guard line.count >= 3, line[line.count - 2] == 0x0D else {
            throw Refusal(reason: "a line does not end as lines do")
        }
        let text = UnsafeRawBufferPointer(rebasing: line[1..<(line.count - 2)])
        partsLeft -= 1
        guard partsLeft >= 0 else { throw Refusal(reason: "it has more parts than were asked for") }
        switch line[0] {
        case UInt8(ascii: "+"), UInt8(ascii: "-"):
            try keep(line)
            return try complete()
        case UInt8(ascii: ":"):
            _ = try Self.number(text)
            try keep(line)
            return try complete()
        case UInt8(ascii: "$"): return try string(try Self.number(text), line)
        case UInt8(ascii: "*"): return try array(try Self.number(text), line)
        default: throw Refusal(reason: "it begins with the byte \(line[0])")
        }
    }

    private func string(_ length: Int64, _ line: UnsafeRawBufferPointer) throws(Refusal) -> Outcome? {
        if length == -1 {
            try keep(line)
            return try complete()
        }
        guard length >= 0, length <= Reply.longestString, let length = Int(exactly: length) else {
            throw Refusal(reason: "a string of \(length) bytes is impossible")
        }
        let isKept = expected.isWanted && length <= expected.longestString && length <= bytesLeft
        if isKept {
            bytesLeft -= length
            try keep(line)
        } else if length > max(Self.longestSkipped, expected.longestString) {
            throw Refusal(reason: "a string of \(length) bytes is too long to be skipped", isOversized: true)
        } else if expected.isWanted {
            try builder.addOversized(length)
        }
        state = .string(left: length, isKept: isKept)
        return nil
    }

    private func array(_ count: Int64, _ line: UnsafeRawBufferPointer) throws(Refusal) -> Outcome? {
        guard count == -1 || count >= 0 && count <= partsLeft, let count = Int(exactly: count) else {
            throw Refusal(reason: "an array of \(count) is not what was asked for")
        }
        guard count <= 0 || arrays.count < Self.deepest else { throw Refusal(reason: "its arrays are nested too deep") }
        try keep(line)
        if count <= 0 { return try complete() }
        arrays.append(count)
        return nil
    }

    /// Keeps a part of the reply, if it is wanted.
    private func keep(_ bytes: UnsafeRawBufferPointer) throws(Refusal) {
        if expected.isWanted { try builder.add(bytes) }
    }

    /// Completes a part of the reply, and with it every array of which it was the last element.
    private func complete() throws(Refusal) -> Outcome? {
        while let left = arrays.popLast() {
            if left > 1 {
                arrays.append(left - 1)
                state = .line
                return nil
            }
        }
        state = .beginning
        return expected.isWanted ? .reply(try builder.build()) : .skipped
    }

    /// Reads digits, which a minus sign may precede.
    private static func number(_ text: UnsafeRawBufferPointer) throws(Refusal) -> Int64 {
        var digits = text[...]
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative { digits = digits.dropFirst() }
        guard !digits.isEmpty, digits.count <= 19 else { throw notANumber }
        var number: Int64 = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { throw notANumber }
            let (tenfold, overflows) = number.multipliedReportingOverflow(by: 10)
            let (sum, overflowsToo) = tenfold.addingReportingOverflow(Int64(digit - UInt8(ascii: "0")))
            guard !overflows, !overflowsToo else { throw notANumber }
            number = sum
        }
        return isNegative ? -number : number
    }

    private static let notANumber = Refusal(reason: "a number is none")
    private static let tooLong = Refusal(reason: "a line is longer than \(longestLine) bytes")

    private static func take(_ count: Int, from input: inout UnsafeRawBufferPointer) {
        input = UnsafeRawBufferPointer(rebasing: input[count...])
    }
}
