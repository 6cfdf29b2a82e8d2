/// Reads a server-sent event stream from a connection, one event at a time, as soon as it is complete.
struct EventReader {
    private let connection: Connection
    private var pending: [UInt8] = []

    /// Starts after the head has been read.
    init(_ connection: Connection) { self.connection = connection }

    /// The data of the next event. It is nil at the end of the stream.
    mutating func next() async throws -> String? {
        while true {
            if let end = pending.firstRange(of: Array("\n\n".utf8)) {
                let event = String(decoding: pending[..<end.lowerBound], as: UTF8.self)
                pending.removeSubrange(..<end.upperBound)
                return event.hasPrefix("data: ") ? String(event.dropFirst(6)) : event
            }
            guard let piece = try await connection.readPiece() else { return nil }
            pending += piece
        }
    }
}
