public import NIOCore

/// The events of a streamed answer as they are kept: their bytes, and behind them a table of what each is and when it came.
///
/// ```
/// events, as they came | for each: length, 4 bytes; kind << 28 | milliseconds since the one before, 4 bytes | count, 4 bytes
/// ```
/// Little-endian. Of a stream that does not tell the usage though that was asked for, `[DONE]` has the kind `chunkWithUsage`.
public struct StreamRecording: Sendable, Equatable {
    /// One event of the recording.
    public struct Event: Sendable, Equatable {
        /// What the event is.
        public let kind: StreamEventKind
        /// Bytes of the event, line ends and all.
        public let length: Int
        /// Since the event before, in milliseconds; of the first, since the answer began.
        public let gap: Int
    }

    /// All events, one behind the other.
    public private(set) var bytes = ByteBuffer()
    /// The events in their order.
    public private(set) var events: [Event] = []

    static let bytesPerEvent = 8
    private static let longestGap = 1 << 28 - 1

    public init() {}

    /// How long the body of the entry will be.
    public var bodyLength: Int { bytes.readableBytes + events.count * Self.bytesPerEvent + 4 }

    /// Whether it serves a request for the usage: it tells it, or the server was asked for it and does not.
    public var servesUsage: Bool { events.contains { $0.kind == .usage || $0.kind == .chunkWithUsage } }

    public mutating func add(_ kind: StreamEventKind, _ raw: ByteBuffer, gap: Int) {
        events.append(Event(kind: kind, length: raw.readableBytes, gap: min(max(0, gap), Self.longestGap)))
        bytes.writeImmutableBuffer(raw)
    }

    /// Adds to the event that was added last the LF of its last line end.
    public mutating func add(restOfLineEnd rest: ByteBuffer) {
        guard let last = events.popLast() else { return }
        events.append(Event(kind: last.kind, length: last.length + rest.readableBytes, gap: last.gap))
        bytes.writeImmutableBuffer(rest)
    }

    // MARK: When the answer is whole

    /// Notes that the server was asked for the usage. Where it did not tell it, nobody gets it by asking again, and the entry
    /// serves those too who want it: its `[DONE]` is then said to be a `chunkWithUsage`, which every version understands so.
    public mutating func noteUsageAsked() {
        guard !servesUsage, let place = events.lastIndex(where: { $0.kind == .done }) else { return }
        let done = events[place]
        events[place] = Event(kind: .chunkWithUsage, length: done.length, gap: done.gap)
    }

    /// Adds the LF that the last line end lacks, where the one before it has one: it is still on its way.
    public mutating func completeLineEnd() {
        guard bytes.readableBytesView.suffix(3).elementsEqual("\r\n\r".utf8) else { return }
        add(restOfLineEnd: ByteBuffer(string: "\n"))
    }

    // MARK: As the body of an entry

    /// The recording as it is stored: the events, and behind them the table of what they are.
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

    /// Reads the body of an entry; nil: it is no such body.
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

    /// The events for a request: without the usage where that was not asked for.
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
