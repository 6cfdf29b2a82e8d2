import Dialects
import JSON
import NIOCore
import ResponseCache

/// Splits a streamed answer into events as it arrives, and records the events as long as they are to be stored. It is
/// bound to one event loop.
final class StreamIntake {
    private var parser = EventParser()
    private let reader: StreamReader
    private var record: StreamRecording? = StreamRecording()
    private var lastEvent: NIODeadline
    private var lastKind = StreamEventKind.comment
    private let usageIsAsked: Bool
    /// The length of the longest recording, in bytes.
    private let limit: Int
    /// Whether an event was so long that the rest of the answer is passed on as it arrives, without being parsed.
    private var isRaw = false
    /// Whether the event that ends the stream has arrived, after which nothing of the answer follows.
    private(set) var isDone = false

    /// - Parameters:
    ///   - form: how the events are read.
    ///   - usageIsAsked: whether the model was asked for the usage.
    ///   - began: when the model was asked.
    ///   - document: the scratch document of the event loop.
    init(_ form: StreamForm, usageIsAsked: Bool, began: NIODeadline, limit: Int, document: JSONDocument) {
        reader = StreamReader(form, usageIsAsked: usageIsAsked, document: document)
        self.usageIsAsked = usageIsAsked
        lastEvent = began
        self.limit = limit
    }

    /// Whether there is no recording any more, because it would be too long.
    var isOverlong: Bool { record == nil }

    /// Stops recording.
    func stopRecording() { record = nil }

    /// Whether the answer is whole.
    var isWhole: Bool { reader.isWhole }

    /// The recording, once the answer is whole. It is nil where either form cannot be made from it, and where the answer
    /// must not be stored.
    var whole: StreamRecording? {
        guard reader.isWhole, !reader.isAmbiguous, !reader.isUnfit, var whole = record else { return nil }
        if usageIsAsked { whole.noteUsageAsked() }
        whole.completeLineEnd()
        return whole
    }

    /// The number of bytes of an event that is not complete.
    var pendingBytes: Int { parser.pendingBytes }

    /// The largest event that is parsed, in bytes. Longer events are passed on as they arrive.
    private var longestEvent: Int { record == nil ? min(limit, Self.longestRelayedEvent) : limit }
    private static let longestRelayedEvent = 256 * 1024

    /// Takes bytes that arrived, and returns them as events.
    func take(_ bytes: ByteBuffer, at now: NIODeadline) -> [FlightPiece] {
        guard !isRaw else { return [FlightPiece(.chunk, bytes)] }
        parser.feed(bytes)
        var pieces: [FlightPiece] = []
        if let rest = parser.restOfLineEnd() {
            if lastKind != .comment { record?.add(restOfLineEnd: rest) }
            pieces.append(FlightPiece(lastKind, rest))
        }
        while let event = parser.next() { pieces.append(take(event, at: now)) }
        if parser.pendingBytes > longestEvent, let rest = parser.remainder() {
            isRaw = true
            record = nil
            pieces.append(FlightPiece(.chunk, rest.raw))
        }
        return pieces
    }

    /// Returns what follows the last complete event, at the end of the answer.
    func end(at now: NIODeadline) -> FlightPiece? {
        guard !isRaw, let event = parser.remainder() else { return nil }
        return take(event, at: now)
    }

    private func take(_ event: ServerSentEvent, at now: NIODeadline) -> FlightPiece {
        let kind = reader.read(event)
        lastKind = kind
        if kind == .done { isDone = true }
        if kind != .comment, var record {
            self.record = nil
            let gap = max(0, (now - lastEvent).nanoseconds / 1_000_000)
            record.add(kind, reader.recorded(event), gap: Int(gap))
            // The remainder below a millisecond is added to the next gap, so that the total duration stays the same.
            lastEvent = lastEvent + .milliseconds(gap)
            if record.bodyLength <= limit { self.record = record }
        }
        return FlightPiece(kind, event.raw)
    }
}
