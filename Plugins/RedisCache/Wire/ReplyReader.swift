import Glibc

/// What the next reply may be. Whoever sent the command knows; what does not fit is refused before it is read.
struct ExpectedReply: Equatable {
    /// Whether anybody waits for it; if not it is skipped as it arrives.
    var isWanted = true
    /// The longest string that is kept, in bytes. A longer one is skipped, and stands in the reply as `.oversized`.
    var longestString: Int
    /// What all strings of the reply may come to, in bytes. What comes after that is skipped as well.
    var allStrings: Int
    /// How many strings, numbers and arrays it may have, itself included.
    var parts: Int

    /// One status, number or error.
    static let line = ExpectedReply(longestString: 0, allStrings: 0, parts: 1)

    /// A line, or a short string in its place.
    static let short = ExpectedReply(longestString: 1 << 10, allStrings: 1 << 10, parts: 1)

    /// The answer to a question of the plugin's own, such as the layout of a cluster or a page of keys.
    static let listing = ExpectedReply(longestString: 64 << 10, allStrings: 16 << 20, parts: 1 << 18)
}

/// Reads replies (RESP 2) from a connection's bytes, as they arrive: each byte is looked at once, a value goes straight
/// into the block of memory that will be leased, and what nobody wants is skipped without being kept. A value, not bound to
/// a connection; it owns the reply that is arriving.
final class ReplyReader {
    /// The bytes are no replies of a Redis server, or not those that were asked for: the connection is of no use.
    struct Refusal: Error, Equatable {
        let reason: String
        /// Whether it is a value that is too long even to be skipped.
        var isOversized = false
    }

    enum Outcome {
        /// A whole reply, which the caller owns.
        case reply(Reply)
        /// A whole reply that nobody waited for.
        case skipped
    }

    /// Of a status, an error, a number or a length. Redis cuts its own errors at some hundred bytes.
    static let longestLine = 16 << 10
    static let deepest = 8
    /// What is skipped at most before the connection is given up instead, in bytes.
    static let longestSkipped = 64 << 20

    private enum Phase {
        case beginning
        case line
        /// A string's bytes, which go into the reply if that is a string.
        case string(Reply?, length: Int, done: Int)
        /// The line end after a string.
        case stringEnd(Reply?, done: Int)
    }

    /// An array whose parts are arriving.
    private struct Frame {
        let array: Reply?
        let count: Int
        var next = 0
    }

    private var phase = Phase.beginning
    private var expected = ExpectedReply.line
    private var partsLeft = 0
    private var bytesLeft = 0
    private var stack: [Frame] = []
    /// The beginning of a line whose end is still to come.
    private var lineStart: [UInt8] = []

    deinit { abandon() }

    /// Nobody waits any more for the reply that is arriving: the rest of it is skipped.
    func abandon() {
        expected.isWanted = false
        for frame in stack { frame.array?.free() }
        stack = stack.map { Frame(array: nil, count: $0.count, next: $0.next) }
        switch phase {
        case .beginning, .line: break
        case .string(let reply, let length, let done):
            reply?.free()
            phase = .string(nil, length: length, done: done)
        case .stringEnd(let reply, let done):
            reply?.free()
            phase = .stringEnd(nil, done: done)
        }
    }

    /// Reads on.
    /// - Parameters:
    ///   - input: what was read from the connection; what is used up is taken from its front.
    ///   - expectation: asked when a reply begins.
    /// - Returns: the next whole reply; nil: more bytes are needed.
    func next(
        _ input: inout UnsafeRawBufferPointer,
        expecting expectation: () -> ExpectedReply
    ) throws(Refusal) -> Outcome? {
        while true {
            switch phase {
            case .beginning:
                guard !input.isEmpty else { return nil }
                expected = expectation()
                partsLeft = expected.parts
                bytesLeft = expected.allStrings
                phase = .line
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
            case .string(let reply, let length, let done):
                let count = min(length - done, input.count)
                if let reply, reply.kind == .string, let start = input.baseAddress {
                    (reply.address + Reply.headerSize + done).copyMemory(from: start, byteCount: count)
                }
                Self.take(count, from: &input)
                guard done + count == length else {
                    phase = .string(reply, length: length, done: done + count)
                    return nil
                }
                phase = .stringEnd(reply, done: 0)
            case .stringEnd(let reply, let done):
                guard let byte = input.first else { return nil }
                guard byte == (done == 0 ? 0x0D : 0x0A) else {
                    throw Refusal(reason: "a string is longer than it says")
                }
                Self.take(1, from: &input)
                if done == 0 {
                    phase = .stringEnd(reply, done: 1)
                } else {
                    phase = .line
                    if let outcome = complete(reply) { return outcome }
                }
            }
        }
    }

    // MARK: Lines

    /// Reads a line whose end has come, of which `lineStart` may hold the beginning.
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

    /// - Parameter line: with its end.
    private func understand(_ line: UnsafeRawBufferPointer) throws(Refusal) -> Outcome? {
        guard line.count >= 3, line[line.count - 2] == 0x0D else {
            throw Refusal(reason: "a line does not end as lines do")
        }
        let text = UnsafeRawBufferPointer(rebasing: line[1..<(line.count - 2)])
        partsLeft -= 1
        guard partsLeft >= 0 else { throw Refusal(reason: "it has more parts than were asked for") }
        switch line[0] {
        case UInt8(ascii: "+"): return complete(try made(Reply.string(.status, text.baseAddress, count: text.count)))
        case UInt8(ascii: "-"): return complete(try made(Reply.string(.error, text.baseAddress, count: text.count)))
        case UInt8(ascii: ":"):
            let number = try Self.number(text)
            return complete(try made(Reply.integer(number)))
        case UInt8(ascii: "$"): return try string(try Self.number(text))
        case UInt8(ascii: "*"): return try array(try Self.number(text))
        default: throw Refusal(reason: "it begins with the byte \(line[0])")
        }
    }

    private func string(_ length: Int64) throws(Refusal) -> Outcome? {
        if length == -1 { return complete(try made(Reply.null())) }
        guard length >= 0, length <= Reply.longestString, let length = Int(exactly: length) else {
            throw Refusal(reason: "a string of \(length) bytes is impossible")
        }
        var reply: Reply?
        if expected.isWanted {
            if length <= expected.longestString, length <= bytesLeft {
                bytesLeft -= length
                reply = try made(Reply.string(.string, nil, count: length))
            } else {
                reply = try made(Reply.oversized(length))
            }
        }
        let isKept = reply?.kind == .string
        guard isKept || length <= max(Self.longestSkipped, expected.longestString) else {
            reply?.free()
            throw Refusal(reason: "a string of \(length) bytes is too long to be skipped", isOversized: true)
        }
        phase = .string(reply, length: length, done: 0)
        return nil
    }

    private func array(_ count: Int64) throws(Refusal) -> Outcome? {
        if count == -1 { return complete(try made(Reply.null())) }
        guard count >= 0, count <= partsLeft, let count = Int(exactly: count) else {
            throw Refusal(reason: "an array of \(count) is not what was asked for")
        }
        guard stack.count < Self.deepest else { throw Refusal(reason: "its arrays are nested too deep") }
        let array = try made(Reply.array(count: count))
        if count == 0 { return complete(array) }
        stack.append(Frame(array: array, count: count))
        return nil
    }

    /// A part is whole: puts it where it belongs.
    private func complete(_ part: Reply?) -> Outcome? {
        var part = part
        while var frame = stack.popLast() {
            if let array = frame.array, let child = part, !array.put(child, at: frame.next) { child.free() }
            frame.next += 1
            if frame.next < frame.count {
                stack.append(frame)
                phase = .line
                return nil
            }
            part = frame.array
        }
        phase = .beginning
        return part.map(Outcome.reply) ?? .skipped
    }

    /// The reply, if it is wanted.
    private func made(_ reply: @autoclosure () -> Reply?) throws(Refusal) -> Reply? {
        guard expected.isWanted else { return nil }
        guard let reply = reply() else { throw Refusal(reason: "there is no memory for it") }
        return reply
    }

    /// Digits, perhaps with a minus sign in front.
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
