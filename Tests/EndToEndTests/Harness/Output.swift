import Foundation

/// What a process has written so far.
final class Output: Sendable {
    private struct Written: Sendable {
        var bytes: [UInt8] = []
        var isAtEnd = false

        var text: String { String(decoding: bytes, as: UTF8.self) }
    }

    private let written = Observed(Written())
    private let pipe = Pipe()

    /// The end that the process writes to.
    var writingEnd: FileHandle { pipe.fileHandleForWriting }

    init() { follow(pipe.fileHandleForReading.fileDescriptor) }

    /// Follows a descriptor, which is closed at its end.
    init(reading descriptor: Int32) { follow(descriptor) { close(descriptor) } }

    private func follow(_ descriptor: Int32, atEnd: @escaping @Sendable () -> Void = {}) {
        Thread.detachNewThread { [written, pipe] in
            defer { withExtendedLifetime(pipe) { atEnd() } }
            var room = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = read(descriptor, &room, room.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                let bytes = room[..<count]
                written.update { $0.bytes += bytes }
            }
            written.update { $0.isAtEnd = true }
        }
    }

    /// The output so far.
    var text: String { written.value.text }

    /// The first match of `pattern`. It is nil where the process closed its output without one.
    func first<Match>(_ pattern: Regex<Match>) async throws -> Regex<Match>.Match? {
        try await written.first { $0.isAtEnd || $0.text.firstMatch(of: pattern) != nil }.text.firstMatch(of: pattern)
    }

    /// Returns when the process has closed its output.
    func end() async throws { _ = try await written.first { $0.isAtEnd } }
}
