import Dialects
import JSON
import NIOCore
import ResponseCache

/// A piece of an answer that is being delivered.
struct FlightPiece: Sendable, Equatable {
    let kind: StreamEventKind
    let bytes: ByteBuffer

    /// The number of bytes of memory that a piece takes in addition to its own bytes.
    static let overhead = 64

    init(_ kind: StreamEventKind, _ bytes: ByteBuffer) {
        self.kind = kind
        self.bytes = bytes
    }
}

extension [FlightPiece] {
    /// Assembles the events of a stream into an answer in one piece. The result is nil where that is impossible.
    func answer(as form: StreamForm, with document: JSONDocument) -> ByteBuffer? {
        var recording = StreamRecording()
        for piece in self where piece.kind != .comment { recording.add(piece.kind, piece.bytes, gap: 0) }
        return form.answer(recording, document)
    }

    /// The bytes of all pieces, one after the other.
    var joined: ByteBuffer {
        guard count != 1, var whole = first?.bytes else { return first?.bytes ?? ByteBuffer() }
        for piece in dropFirst() { whole.writeImmutableBuffer(piece.bytes) }
        return whole
    }
}
