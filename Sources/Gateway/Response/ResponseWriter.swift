import HTTPSyntax
import NIOCore
import ResponseCache
import Text

/// Writes the heads of HTTP/1.1 responses, one after the other, in memory that it keeps. One per event loop.
///
/// Names and values are written as they are given: whoever passes a value from outside has checked that it
/// holds no line break.
final class ResponseWriter {
    private var head = WireText(capacity: 2_048)
    private let allocator: ByteBufferAllocator

    init(allocator: ByteBufferAllocator) {
        self.allocator = allocator
    }

    /// Begins a head; what was written of one that was not ended is forgotten.
    func begin(_ status: Int, date: [UInt8]) {
        head.reset()
        if status == 200 {
            head.write("HTTP/1.1 200 OK\r\ndate: ")
        } else {
            head.write("HTTP/1.1 ")
            head.write(decimal: Int64(status))
            head.write(" ")
            head.write(ReasonPhrase.of(status))
            head.write("\r\ndate: ")
        }
        date.withUnsafeBytes { head.write($0) }
        head.write("\r\n")
    }

    /// Appends whole header lines, line ends included.
    func lines(_ lines: StaticString) {
        head.write(lines)
    }

    /// The same of lines that were checked where they came from.
    func lines(_ lines: [UInt8]) {
        lines.withUnsafeBytes { head.write($0) }
    }

    func field(_ name: String, _ value: String) {
        head.write(string: name)
        head.write(": ")
        head.write(string: value)
        head.write("\r\n")
    }

    func field(_ name: StaticString, _ value: Int64) {
        head.write(name)
        head.write(": ")
        head.write(decimal: value)
        head.write("\r\n")
    }

    func contentType(_ value: String) {
        head.write("content-type: ")
        head.write(string: value)
        head.write("\r\n")
    }

    func contentLength(_ length: Int) {
        field("content-length", Int64(length))
    }

    func cacheStatus(_ status: CacheStatus) {
        head.write("cache-status: ")
        status.write(to: &head)
        head.write("\r\n")
    }

    /// The field in which LiteLLM's clients find the key.
    func cacheKey(_ key: CacheKey) {
        head.write("x-litellm-cache-key: ")
        key.withText { head.write($0) }
        head.write("\r\n")
    }

    func requestID(_ id: UInt64) {
        head.write("x-request-id: ")
        withUnsafeBytes(of: id.bigEndian) { head.write(hexadecimal: $0) }
        head.write("\r\n")
    }

    /// Ends the head.
    ///
    /// - Parameter room: bytes of a body that is to be written behind it.
    func end(room: Int = 0) -> ByteBuffer {
        head.write("\r\n")
        return head.withBytes { bytes in
            var buffer = allocator.buffer(capacity: bytes.count + room)
            buffer.writeBytes(bytes)
            return buffer
        }
    }
}
