import HTTPSyntax
import NIOCore
import ResponseCache
import Text
import Upstream

/// Writes the heads of HTTP/1.1 responses, one after the other, in memory that it keeps. One per event loop.
///
/// Names and values are written as they are given: whoever passes a value from outside has checked that it holds no line
/// break.
final class ResponseWriter {
    /// What becomes of the connection behind the answer (RFC 9112 section 9.3).
    enum Persistence {
        /// Another request may follow, which an HTTP/1.1 client expects.
        case implied
        /// The same, said to a client of HTTP/1.0.
        case stated
        /// The connection ends.
        case closes
    }

    private var text = WireText(capacity: 2_048)
    private let allocator: ByteBufferAllocator

    init(allocator: ByteBufferAllocator) {
        self.allocator = allocator
    }

    /// Writes a head.
    ///
    /// - Parameters:
    ///   - id: what the request is called.
    ///   - date: the value of Date.
    ///   - room: bytes of a body that is to be written behind it.
    func write(
        _ head: borrowing ResponseHead,
        _ persistence: Persistence,
        id: RequestID,
        date: [UInt8],
        room: Int
    ) -> ByteBuffer {
        text.reset()
        begin(head.status, date)
        switch persistence {
        case .implied: break
        case .stated: text.write("connection: keep-alive\r\n")
        case .closes: text.write("connection: close\r\n")
        }
        for (name, value) in head.fields { field(name, value) }
        write(head.content)
        switch head.framing {
        case .length(let length): field("content-length", Int64(length))
        case .chunked: text.write("transfer-encoding: chunked\r\n")
        case .untilClose: break
        }
        if let status = head.cacheStatus {
            text.write("cache-status: ")
            status.write(to: &text)
            text.write("\r\n")
        }
        if let origin = head.origin {
            field("age", origin.age)
            // The field in which LiteLLM's clients find the key.
            text.write("x-litellm-cache-key: ")
            origin.key.withText { text.write($0) }
            text.write("\r\n")
        }
        text.write("x-request-id: ")
        id.write(to: &text)
        text.write("\r\n\r\n")
        return text.withBytes { bytes in
            var buffer = allocator.buffer(capacity: bytes.count + room)
            buffer.writeBytes(bytes)
            return buffer
        }
    }

    private func begin(_ status: Int, _ date: [UInt8]) {
        if status == 200 {
            text.write("HTTP/1.1 200 OK\r\ndate: ")
        } else {
            text.write("HTTP/1.1 ")
            text.write(decimal: Int64(status))
            text.write(" ")
            text.write(ReasonPhrase.of(status))
            text.write("\r\ndate: ")
        }
        date.withUnsafeBytes { text.write($0) }
        text.write("\r\n")
    }

    private func write(_ content: ResponseHead.Content) {
        switch content {
        case .type(let type): contentType(type)
        case .fields(let fields): fields.lines.withUnsafeBytes { text.write($0) }
        case .converted(let fields, let type):
            fields.lines(without: "content-type").withUnsafeBytes { text.write($0) }
            contentType(type)
        }
    }

    private func contentType(_ value: String) {
        text.write("content-type: ")
        text.write(string: value)
        text.write("\r\n")
    }

    private func field(_ name: String, _ value: String) {
        text.write(string: name)
        text.write(": ")
        text.write(string: value)
        text.write("\r\n")
    }

    private func field(_ name: StaticString, _ value: Int64) {
        text.write(name)
        text.write(": ")
        text.write(decimal: value)
        text.write("\r\n")
    }
}
