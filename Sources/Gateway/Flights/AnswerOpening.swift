import NIOCore

/// The first bytes of an answer to a request for a stream, whose content type does not say what it is. A value.
struct AnswerOpening {
    private var bytes = ByteBuffer()
    /// The length of the body where the model said it.
    private let length: Int?

    /// More bytes in front of anything that means something are no stream.
    private static let longest = 256

    init(length: Int?) {
        self.length = length
    }

    /// What the answer is, as soon as it can be told, and all that has come of it.
    mutating func take(_ more: ByteBuffer) -> (form: FlightForm, bytes: ByteBuffer)? {
        if bytes.readableBytes == 0 { bytes = more } else { bytes.writeImmutableBuffer(more) }
        let form = bytes.withUnsafeReadableBytes { Self.form($0, hasLength: length != nil) }
        return form.map { ($0, bytes) }
    }

    /// All that has come, where it has ended before that could be told.
    var rest: ByteBuffer { bytes }

    private static func form(_ bytes: UnsafeRawBufferPointer, hasLength: Bool) -> FlightForm? {
        var rest = bytes[...]
        if rest.starts(with: mark.prefix(rest.count)) {
            guard rest.count >= mark.count else { return nil }
            rest = rest.dropFirst(mark.count)
        }
        rest = rest.drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
        guard let first = rest.first else { return bytes.count < longest ? nil : .other }
        switch first {
        case UInt8(ascii: ":"): return .stream
        // In one piece if its length is known; else it may be one of many, for which nobody is to wait.
        case UInt8(ascii: "{"), UInt8(ascii: "["): return hasLength ? .json : .other
        default: break
        }
        for name in names {
            if rest.starts(with: name) { return .stream }
            if name.starts(with: rest) { return nil }
        }
        return .other
    }

    private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    /// What the lines of an event begin with.
    private static let names = ["data:", "event:", "id:", "retry:"].map { Array($0.utf8) }
}
