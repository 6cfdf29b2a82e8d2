import NIOCore

/// The first bytes of an answer to a request for a stream, where the answer's content type does not say whether it is a
/// stream. It is a value.
struct AnswerOpening {
    private var bytes = ByteBuffer()
    /// The length of the body. It is nil where the model did not send it.
    private let length: Int?

    /// An answer that begins with this many bytes of white space is not treated as a stream.
    private static let longest = 256

    init(length: Int?) {
        self.length = length
    }

    /// Takes more bytes. Returns the form of the answer and all bytes that have arrived, as soon as the form is known.
    mutating func take(_ more: ByteBuffer) -> (form: FlightForm, bytes: ByteBuffer)? {
        if bytes.readableBytes == 0 { bytes = more } else { bytes.writeImmutableBuffer(more) }
        let form = bytes.withUnsafeReadableBytes { Self.form($0, hasLength: length != nil) }
        return form.map { ($0, bytes) }
    }

    /// All bytes that have arrived. They are used where the answer ends before its form is known.
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
        // It is an answer in one piece if its length is known. Otherwise it may be the first of many objects, and no
        // client should wait for all of them.
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
    /// The names with which the lines of an event begin.
    private static let names = ["data:", "event:", "id:", "retry:"].map { Array($0.utf8) }
}
