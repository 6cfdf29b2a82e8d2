import Dialects
import JSON
import NIOCore
import ResponseCache

/// A piece of an answer on its way.
struct FlightPiece: Sendable, Equatable {
    let kind: StreamEventKind
    let bytes: ByteBuffer

    /// Bytes of memory that a piece takes beside its own.
    static let overhead = 64

    init(_ kind: StreamEventKind, _ bytes: ByteBuffer) {
        self.kind = kind
        self.bytes = bytes
    }
}

extension [FlightPiece] {
    /// The answer in one piece that the events of a stream make. It is nil where they make none.
    func answer(as form: StreamForm, with document: JSONDocument) -> ByteBuffer? {
        var recording = StreamRecording()
        for piece in self where piece.kind != .comment { recording.add(piece.kind, piece.bytes, gap: 0) }
        return form.answer(recording, document)
    }

    /// All bytes, one behind the other.
    var joined: ByteBuffer {
        guard count != 1, var whole = first?.bytes else { return first?.bytes ?? ByteBuffer() }
        for piece in dropFirst() { whole.writeImmutableBuffer(piece.bytes) }
        return whole
    }
}
