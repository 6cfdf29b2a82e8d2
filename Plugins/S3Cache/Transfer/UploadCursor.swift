/// Provides a request's body piece by piece, as there is room for it.
struct UploadCursor {
    private let body: HTTPRequest.Body
    private var part = 0
    private var offset = 0

    init(_ body: HTTPRequest.Body) { self.body = body }

    /// Copies the next bytes.
    /// - Returns: how many bytes were copied, which is 0 at the end of the body.
    mutating func copy(to room: UnsafeMutableRawBufferPointer) -> Int {
        switch body {
        case .none: return 0
        case .bytes(let bytes): return bytes.withUnsafeBytes { copy($0, to: room) }
        case .parts(let parts):
            var filled = 0
            while part < parts.count, filled < room.count {
                filled += copy(parts[part], to: UnsafeMutableRawBufferPointer(rebasing: room[filled...]))
                if offset >= parts[part].count {
                    part += 1
                    offset = 0
                }
            }
            return filled
        }
    }

    /// Copies the bytes after the offset, and advances the offset.
    private mutating func copy(_ source: UnsafeRawBufferPointer, to room: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(room.count, source.count - offset)
        guard count > 0 else { return 0 }
        room.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[offset..<(offset + count)]))
        offset += count
        return count
    }
}
