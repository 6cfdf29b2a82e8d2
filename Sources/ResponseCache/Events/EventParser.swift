public import NIOCore

/// Cuts a stream of bytes into server-sent events (WHATWG HTML, section 9.2.5), however the bytes are split among reads.
///
/// An event is complete with the line end of its blank line: CR, LF or CRLF. Each byte is looked at once, and events are
/// slices of what arrived where that is in one piece. A value without a clock or a channel.
public struct EventParser: Sendable {
    private var bytes = ByteBuffer()
    /// How many of the bytes have been looked at.
    private var scanned = 0
    /// Where the line begins that is being looked at.
    private var lineStart = 0
    /// The last byte was a CR: a LF behind it belongs to the same line end.
    private var endsWithCR = false
    private var isFirst = true

    public init() {}

    /// Bytes that belong to no complete event yet.
    public var pendingBytes: Int { bytes.readableBytes }

    /// Bytes of memory behind them.
    var capacity: Int { bytes.storageCapacity }

    public mutating func feed(_ more: ByteBuffer) {
        guard bytes.readableBytes > 0 else {
            bytes = more
            return
        }
        if bytes.readerIndex > 0 {
            // Without what was taken out, which the buffer would keep, and copy, for as long as the stream lasts.
            var rest = ByteBuffer()
            rest.reserveCapacity(bytes.readableBytes + more.readableBytes)
            rest.writeImmutableBuffer(bytes)
            bytes = rest
        }
        bytes.writeImmutableBuffer(more)
    }

    /// The next complete event.
    public mutating func next() -> ServerSentEvent? {
        skipTrailingLineFeed()
        guard let end = findEnd() else { return nil }
        let raw = take(end)
        return Self.read(raw, isFirst: &isFirst)
    }

    /// What is left at the end of the stream, as an event: a last blank line is often forgotten.
    public mutating func remainder() -> ServerSentEvent? {
        skipTrailingLineFeed()
        guard bytes.readableBytes > 0 else { return nil }
        return Self.read(take(bytes.readableBytes), isFirst: &isFirst)
    }

    /// The LF of a CRLF whose CR has ended an event already.
    private mutating func skipTrailingLineFeed() {
        guard endsWithCR, scanned == 0, let byte = bytes.getInteger(at: bytes.readerIndex, as: UInt8.self) else {
            return
        }
        endsWithCR = false
        if byte == Self.lineFeed { bytes.moveReaderIndex(forwardBy: 1) }
    }

    /// How many bytes the next event has.
    private mutating func findEnd() -> Int? {
        bytes.withUnsafeReadableBytes { bytes in
            while scanned < bytes.count {
                let byte = bytes[scanned]
                scanned += 1
                if byte == Self.lineFeed, endsWithCR {
                    // The second half of a CRLF.
                    endsWithCR = false
                    lineStart = scanned
                    continue
                }
                endsWithCR = byte == Self.carriageReturn
                guard byte == Self.lineFeed || endsWithCR else { continue }
                let isBlank = lineStart == scanned - 1
                lineStart = scanned
                guard isBlank else { continue }
                // The LF of its CRLF, if it is there already.
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
        let view = raw.readableBytesView
        var lines = view[...]
        // A byte order mark before the first line is no part of it.
        if isFirst, lines.starts(with: mark) { lines = lines.dropFirst(mark.count) }
        isFirst = false
        var data: ByteBuffer?
        var type: String?
        while !lines.isEmpty {
            let end = lines.firstIndex { $0 == lineFeed || $0 == carriageReturn } ?? lines.endIndex
            let line = lines[lines.startIndex..<end]
            lines = lines[min(end + 1, lines.endIndex)...]
            let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
            var value = line[min(colon + 1, line.endIndex)...]
            if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
            switch line[line.startIndex..<colon] {
            case let name where name.elementsEqual("data".utf8):
                let slice = raw.getSlice(at: value.startIndex, length: value.count) ?? ByteBuffer()
                if var joined = data {
                    joined.writeStaticString("\n")
                    joined.writeImmutableBuffer(slice)
                    data = joined
                } else {
                    data = slice
                }
            case let name where name.elementsEqual("event".utf8): type = String(decoding: value, as: UTF8.self)
            default: break
            }
        }
        return ServerSentEvent(raw: raw, data: data, type: type)
    }
}
