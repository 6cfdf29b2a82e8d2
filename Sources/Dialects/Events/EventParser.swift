public import NIOCore
import Text

/// Splits a stream of bytes into server-sent events (WHATWG HTML, section 9.2.5), however the bytes are divided among
/// reads.
///
/// An event is complete with the line end of its blank line, which is CR, LF or CRLF. Each byte is examined once. An
/// event that arrived in one read is a slice of the buffer of that read. The parser is a value without a clock or a
/// channel.
public struct EventParser: Sendable {
    private var bytes = ByteBuffer()
    /// How many of the bytes have been examined.
    private var scanned = 0
    /// Where the line that is being examined begins.
    private var lineStart = 0
    /// Whether the last byte was a CR. An LF that follows it belongs to the same line end.
    private var endsWithCR = false
    private var isFirst = true

    public init() {}

    /// The number of bytes that do not belong to a complete event yet.
    public var pendingBytes: Int { bytes.readableBytes }

    /// The number of bytes of memory that hold them.
    var capacity: Int { bytes.storageCapacity }

    /// Adds the bytes that arrived next. Afterwards `next` returns the events that are complete.
    public mutating func feed(_ more: ByteBuffer) {
        guard bytes.readableBytes > 0 else {
            bytes = more
            return
        }
        if bytes.readerIndex > 0 {
            // The bytes that were already read are discarded. The buffer would otherwise keep and copy them for as long
            // as the stream lasts.
            var rest = ByteBuffer()
            rest.reserveCapacity(bytes.readableBytes + more.readableBytes)
            rest.writeImmutableBuffer(bytes)
            bytes = rest
        }
        bytes.writeImmutableBuffer(more)
    }

    /// Returns the LF of a CRLF whose CR has already ended the last event. The LF belongs to that event but arrived
    /// later. Call this after each `feed` where every byte matters. Otherwise the LF is skipped.
    public mutating func restOfLineEnd() -> ByteBuffer? {
        guard isAtRestOfLineEnd else { return nil }
        endsWithCR = false
        return take(1)
    }

    /// The next complete event.
    public mutating func next() -> ServerSentEvent? {
        skipRestOfLineEnd()
        guard let end = findEnd() else { return nil }
        let raw = take(end)
        return Self.read(raw, isFirst: &isFirst)
    }

    /// Returns what is left at the end of the stream as an event, because servers often omit the last blank line.
    public mutating func remainder() -> ServerSentEvent? {
        skipRestOfLineEnd()
        guard bytes.readableBytes > 0 else { return nil }
        return Self.read(take(bytes.readableBytes), isFirst: &isFirst)
    }

    private var isAtRestOfLineEnd: Bool {
        endsWithCR && scanned == 0 && bytes.getInteger(at: bytes.readerIndex, as: UInt8.self) == Self.lineFeed
    }

    private mutating func skipRestOfLineEnd() {
        if restOfLineEnd() == nil, scanned == 0, bytes.readableBytes > 0 { endsWithCR = false }
    }

    /// Returns the length of the next event in bytes. The result is nil where the event is not complete.
    private mutating func findEnd() -> Int? {
        bytes.withUnsafeReadableBytes { bytes in
            while scanned < bytes.count {
                if endsWithCR {
                    endsWithCR = false
                    if bytes[scanned] == Self.lineFeed {
                        // The second half of a CRLF.
                        scanned += 1
                        lineStart = scanned
                        continue
                    }
                }
                guard let end = bytes.lineEnd(from: scanned) else {
                    scanned = bytes.count
                    return nil
                }
                endsWithCR = bytes[end] == Self.carriageReturn
                let isBlank = lineStart == end
                scanned = end + 1
                lineStart = scanned
                guard isBlank else { continue }
                // Include the LF of the CRLF, if it has already arrived.
                if endsWithCR, scanned < bytes.count, bytes[scanned] == Self.lineFeed {
                    scanned += 1
                    endsWithCR = false
                }
                return scanned
            }
            return nil
        }
    }

    private mutating func take(_ count: Int) -> ByteBuffer {
        scanned = 0
        lineStart = 0
        guard let raw = bytes.readSlice(length: count) else { return ByteBuffer() }
        if bytes.readableBytes == 0 { bytes = ByteBuffer() }
        return raw
    }

    // MARK: The lines of an event

    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")
    private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

    private static func read(_ raw: ByteBuffer, isFirst: inout Bool) -> ServerSentEvent {
        var data: ByteBuffer?
        var isError = false
        raw.withUnsafeReadableBytes { bytes in
            // A byte order mark before the first line is not part of the line.
            var start = isFirst && bytes.starts(with: mark) ? mark.count : 0
            while start < bytes.count {
                let end = bytes.lineEnd(from: start) ?? bytes.count
                let line = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
                let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.count
                var value = min(colon + 1, line.count)
                if value < line.count, line[value] == UInt8(ascii: " ") { value += 1 }
                let name = UnsafeRawBufferPointer(rebasing: line[..<colon])
                if name.isText("data") {
                    let slice = raw.getSlice(at: raw.readerIndex + start + value, length: line.count - value)
                    add(slice ?? ByteBuffer(), to: &data)
                } else if name.isText("event") {
                    isError = UnsafeRawBufferPointer(rebasing: line[value...]).isText("error")
                }
                start = end + 1
            }
        }
        isFirst = false
        return ServerSentEvent(raw: raw, data: data, isError: isError)
    }

    private static func add(_ line: ByteBuffer, to data: inout ByteBuffer?) {
        guard var joined = data else {
            data = line
            return
        }
        joined.writeStaticString("\n")
        joined.writeImmutableBuffer(line)
        data = joined
    }
}
