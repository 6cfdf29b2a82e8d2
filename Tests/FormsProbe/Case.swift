import Dialects
import JSON
import NIOCore
import ResponseCache

/// One case of the fuzzer.
///
/// ```
/// kind, 1 byte: see `Kind` | number of cuts | the cuts | length | the bytes
/// ```
struct Case {
    /// What the bytes are.
    private enum Kind: UInt8 {
        /// A stream of a chat or a text completion, and its answer in one piece.
        case chatStream = 0x53  // S
        case chat = 0x4A  // J
        case messageStream = 0x4D  // M
        case message = 0x6D  // m
        case responseStream = 0x52  // R
        case response = 0x72  // r

        var isStream: Bool {
            switch self {
            case .chatStream, .messageStream, .responseStream: true
            case .chat, .message, .response: false
            }
        }

        /// The path of the call that has such answers.
        var path: String {
            switch self {
            case .chatStream, .chat: "/chat/completions"
            case .messageStream, .message: "/messages"
            case .responseStream, .response: "/responses"
            }
        }
    }

    private static let calls = DialectTable([OpenAI.dialect, Anthropic.dialect]).calls

    private let isStream: Bool
    private let form: StreamForm
    /// Where the bytes are divided into reads.
    private let cuts: [Int]
    private let bytes: ByteBuffer

    init?(from frame: inout ByteBuffer) {
        guard let byte = frame.readInteger(as: UInt8.self), let kind = Kind(rawValue: byte),
            let form = Self.calls.first(where: { $0.path == kind.path })?.answer.stream,
            let count = frame.readInteger(endianness: .little, as: UInt32.self)
        else { return nil }
        isStream = kind.isStream
        self.form = form
        var cuts: [Int] = []
        for _ in 0..<count {
            guard let cut = frame.readInteger(endianness: .little, as: UInt32.self) else { return nil }
            cuts.append(Int(cut))
        }
        self.cuts = cuts
        guard let length = frame.readInteger(endianness: .little, as: UInt32.self),
            let bytes = frame.readSlice(length: Int(length))
        else { return nil }
        self.bytes = bytes
    }

    func answer(into buffer: inout ByteBuffer, with document: JSONDocument) {
        isStream ? answerStream(into: &buffer, document) : answerJSON(into: &buffer, document)
    }

    /// Writes the remarks on the stream, its events' bytes joined, the answer in one piece, the replay with and without
    /// the usage, and the stream that is made of the answer.
    private func answerStream(into buffer: inout ByteBuffer, _ document: JSONDocument) {
        let intake = Intake(reads, form, document)
        let answer = form.answer(intake.recording, document)
        Self.write(ByteBuffer(string: intake.remarks), into: &buffer)
        Self.write(intake.raw, into: &buffer)
        Self.write(answer, into: &buffer)
        Self.write(intake.recording.replay(includesUsage: true), into: &buffer)
        Self.write(intake.recording.replay(includesUsage: false), into: &buffer)
        Self.write(answer.flatMap { form.events($0, true, document) }, into: &buffer)
    }

    /// Writes the stream with and without the usage, the remarks on the former, and the answer that is made of the
    /// former.
    private func answerJSON(into buffer: inout ByteBuffer, _ document: JSONDocument) {
        let events = form.events(bytes, true, document)
        Self.write(events, into: &buffer)
        Self.write(form.events(bytes, false, document), into: &buffer)
        let intake = events.map { Intake([$0], form, document) }
        Self.write(intake.map { ByteBuffer(string: $0.remarks) }, into: &buffer)
        Self.write(intake.flatMap { form.answer($0.recording, document) }, into: &buffer)
    }

    private var reads: [ByteBuffer] {
        var rest = bytes
        let lengths = zip(cuts, [0] + cuts).map { $0 - $1 }
        return lengths.compactMap { rest.readSlice(length: $0) } + [rest]
    }

    private static func write(_ value: ByteBuffer?, into buffer: inout ByteBuffer) {
        guard let value else { return _ = buffer.writeInteger(UInt32.max, endianness: .little) }
        buffer.writeInteger(UInt32(value.readableBytes), endianness: .little)
        buffer.writeImmutableBuffer(value)
    }
}

/// A stream, received as the gateway receives it.
private struct Intake {
    private(set) var raw = ByteBuffer()
    private(set) var recording = StreamRecording()
    /// Whether it is complete, whether it reports the usage, and the kind of each event.
    let remarks: String

    init(_ reads: [ByteBuffer], _ form: StreamForm, _ document: JSONDocument) {
        var parser = EventParser()
        let reader = StreamReader(form, usageIsAsked: true, document: document)
        var kinds = ""
        func take(_ event: ServerSentEvent, _ raw: inout ByteBuffer, _ recording: inout StreamRecording) {
            let kind = reader.read(event)
            kinds += "\(kind.rawValue)"
            raw.writeImmutableBuffer(event.raw)
            if kind != .comment { recording.add(kind, reader.recorded(event), gap: 0) }
        }
        for read in reads {
            parser.feed(read)
            if let rest = parser.restOfLineEnd() {
                raw.writeImmutableBuffer(rest)
                if !kinds.hasSuffix("\(StreamEventKind.comment.rawValue)") { recording.add(restOfLineEnd: rest) }
            }
            while let event = parser.next() { take(event, &raw, &recording) }
        }
        if let event = parser.remainder() { take(event, &raw, &recording) }
        remarks = "\(reader.isWhole ? "whole" : "partial") \(recording.servesUsage ? "usage" : "-") \(kinds)"
    }
}
