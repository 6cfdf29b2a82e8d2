public import NIOCore

/// The events of a streamed answer as they are stored: their bytes, followed by a table of the kind and the arrival
/// time of each event.
///
/// ```
/// events, as they arrived | for each: length, 4 bytes; kind << 28 | gap in milliseconds, 4 bytes | count, 4 bytes
/// ```
/// All numbers are little-endian. In a stream that does not report the usage although it was requested, `[DONE]` has
/// the kind `chunkWithUsage`.
public struct StreamRecording: Sendable, Equatable {
    /// One event of the recording.
    public struct Event: Sendable, Equatable {
        /// What the event is.
        public let kind: StreamEventKind
        /// The length of the event in bytes, including its line ends.
        public let length: Int
        /// The time since the previous event, in milliseconds. For the first event, it is the time since the answer
        /// began.
        public let gap: Int
    }

    /// The bytes of all events, one after the other.
    public private(set) var bytes = ByteBuffer()
    /// The events in their order.
    public private(set) var events: [Event] = []

    static let bytesPerEvent = 8
    private static let longestGap = 1 << 28 - 1

    public init() {}

    /// The length of the entry's body in bytes.
    public var bodyLength: Int { bytes.readableBytes + events.count * Self.bytesPerEvent + 4 }

    /// Whether the recording serves a request for the usage. It does where it contains the usage, and where the server
    /// was asked for the usage and did not report it.
    public var servesUsage: Bool { events.contains { $0.kind == .usage || $0.kind == .chunkWithUsage } }

    public mutating func add(_ kind: StreamEventKind, _ raw: ByteBuffer, gap: Int) {
        events.append(Event(kind: kind, length: raw.readableBytes, gap: min(max(0, gap), Self.longestGap)))
        bytes.writeImmutableBuffer(raw)
    }

    /// Adds the LF of the last line end to the event that was added last.
    public mutating func add(restOfLineEnd rest: ByteBuffer) {
        guard let last = events.popLast() else { return }
        events.append(Event(kind: last.kind, length: last.length + rest.readableBytes, gap: last.gap))
        bytes.writeImmutableBuffer(rest)
    }

    // MARK: When the answer is whole

    /// Records that the server was asked for the usage. Where the server did not report it, asking again would not
    /// help, so the entry also serves requests for the usage. In that case `[DONE]` is stored as a `chunkWithUsage`,
    /// which every version of the gateway understands.
    public mutating func noteUsageAsked() {
        guard !servesUsage, let place = events.lastIndex(where: { $0.kind == .done }) else { return }
        let done = events[place]
        events[place] = Event(kind: .chunkWithUsage, length: done.length, gap: done.gap)
    }

    /// Adds the LF that the last line end lacks, where the line end before it has one. That LF has not arrived yet.
    public mutating func completeLineEnd() {
        guard bytes.readableBytesView.suffix(3).elementsEqual("\r\n\r".utf8) else { return }
        add(restOfLineEnd: ByteBuffer(string: "\n"))
    }

    // MARK: As the body of an entry

    /// The recording as it is stored: the events, followed by the table that describes them.
    public var body: [ByteBuffer] {
        var table = ByteBuffer()
        table.reserveCapacity(events.count * Self.bytesPerEvent + 4)
        for event in events {
            table.writeInteger(UInt32(clamping: event.length), endianness: .little)
            table.writeInteger(UInt32(event.kind.rawValue) << 28 | UInt32(event.gap), endianness: .little)
        }
        table.writeInteger(UInt32(clamping: events.count), endianness: .little)
        return [bytes, table]
    }

    /// Reads the body of an entry. The result is nil where the body is not a recording.
    public init?(body: ByteBuffer) {
        let total = body.readableBytes
        guard total >= 4,
            let count = body.getInteger(at: body.readerIndex + total - 4, endianness: .little, as: UInt32.self)
        else { return nil }
        let tableLength = Int(count) * Self.bytesPerEvent
        guard total - 4 >= tableLength,
            let bytes = body.getSlice(at: body.readerIndex, length: total - 4 - tableLength),
            var table = body.getSlice(at: body.readerIndex + bytes.readableBytes, length: tableLength)
        else { return nil }
        var sum = 0
        events.reserveCapacity(Int(count))
        while let length = table.readInteger(endianness: .little, as: UInt32.self),
            let rest = table.readInteger(endianness: .little, as: UInt32.self)
        {
            guard length > 0, let kind = StreamEventKind(rawValue: UInt8(rest >> 28)), kind.isRecorded else {
                return nil
            }
            events.append(Event(kind: kind, length: Int(length), gap: Int(rest & 0x0FFF_FFFF)))
            sum += Int(length)
        }
        guard sum == bytes.readableBytes else { return nil }
        self.bytes = bytes
    }

    // MARK: As an answer

    /// Returns the events for a request, without the usage where it was not requested.
    public func replay(includesUsage: Bool) -> ByteBuffer {
        guard !includesUsage, events.contains(where: { $0.kind == .usage }) else { return bytes }
        var replay = ByteBuffer()
        replay.reserveCapacity(bytes.readableBytes)
        for (event, raw) in pieces where event.kind != .usage { replay.writeImmutableBuffer(raw) }
        return replay
    }

    /// Each event with its bytes.
    public var pieces: [(event: Event, raw: ByteBuffer)] {
        var rest = bytes
        return events.map { ($0, rest.readSlice(length: $0.length) ?? ByteBuffer()) }
    }
}
