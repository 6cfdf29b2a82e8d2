import Glibc

/// A pipe that this process reads from. Its descriptors are above the ones that a program is started with, and no other
/// program inherits them.
final class ReadingPipe {
    let readingEnd: Int32
    private(set) var writingEnd: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            (readingEnd, writingEnd) = (-1, -1)
            return
        }
        readingEnd = Self.raised(ends[0])
        writingEnd = Self.raised(ends[1])
        _ = fcntl(readingEnd, F_SETFL, O_NONBLOCK)
    }

    var isOpen: Bool { readingEnd >= 0 && writingEnd >= 0 }

    func closeWritingEnd() {
        if writingEnd >= 0 { Glibc.close(writingEnd) }
        writingEnd = -1
    }

    func close() {
        closeWritingEnd()
        if readingEnd >= 0 { Glibc.close(readingEnd) }
    }

    /// Moves a descriptor out of the way of those that a new program gets.
    private static func raised(_ descriptor: Int32) -> Int32 {
        let raised = fcntl(descriptor, F_DUPFD_CLOEXEC, 16)
        Glibc.close(descriptor)
        return raised
    }
}
