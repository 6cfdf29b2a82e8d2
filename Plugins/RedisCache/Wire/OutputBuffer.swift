import Glibc

/// Commands for the server, encoded one after another (each as an array of bulk strings of RESP). The parts of a stored
/// value are copied directly into this one buffer.
struct OutputBuffer {
    private var bytes: [UInt8] = []
    private var sent = 0
    private static let worthFreeing = 64 << 10

    var isEmpty: Bool { sent == bytes.count }
    var count: Int { bytes.count - sent }

    /// Begins a command of `count` arguments.
    mutating func command(_ count: Int) { line("*", count) }

    mutating func argument(_ text: StaticString) {
        line("$", text.utf8CodeUnitCount)
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
        endLine()
    }

    mutating func argument(_ text: String) {
        line("$", text.utf8.count)
        bytes.append(contentsOf: text.utf8)
        endLine()
    }

    mutating func argument(_ argument: UnsafeRawBufferPointer) {
        line("$", argument.count)
        bytes.append(contentsOf: argument)
        endLine()
    }

    mutating func argument(_ number: UInt64) { argument(String(number)) }

    /// Appends an argument of `count` bytes, which `parts` appends.
    mutating func argument(count: Int, _ parts: (inout OutputBuffer) -> Void) {
        line("$", count)
        bytes.reserveCapacity(bytes.count + count + 2)
        parts(&self)
        endLine()
    }

    /// Appends bytes of an argument that was begun.
    mutating func append(_ part: UnsafeRawBufferPointer) { bytes.append(contentsOf: part) }

    private mutating func line(_ sign: Unicode.Scalar, _ number: Int) {
        bytes.append(UInt8(ascii: sign))
        if number < 10 {
            bytes.append(UInt8(ascii: "0") + UInt8(clamping: number))
        } else {
            bytes.append(contentsOf: String(number).utf8)
        }
        endLine()
    }

    private mutating func endLine() {
        bytes.append(0x0D)
        bytes.append(0x0A)
    }

    // MARK: Sending

    /// Calls `body` with the unsent bytes. It returns how many bytes of them were sent.
    mutating func send(_ body: (UnsafeRawBufferPointer) -> Int) {
        let went = bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[sent...])) }
        sent += max(0, min(went, bytes.count - sent))
        if isEmpty {
            clear()
        } else if sent > Self.worthFreeing, sent * 2 > bytes.count {
            // The buffer must not grow for ever if the server never reads quite everything.
            bytes.removeFirst(sent)
            sent = 0
        }
    }

    /// Discards everything, and keeps no more than 1 MiB of memory.
    mutating func clear() {
        bytes.removeAll(keepingCapacity: bytes.capacity <= 1 << 20)
        sent = 0
    }
}
