import HTTPSyntax
import NIOCore
import ResponseCache
import Text
import Upstream

/// Writes the heads of HTTP/1.1 responses, one after another, in reused memory. Each event loop has one.
///
/// Names and values are written as they are given. The caller has checked that a value from outside contains no line
/// break.
final class ResponseWriter {
    /// What happens to the connection after the answer (RFC 9112 section 9.3).
    enum Persistence {
        /// Another request may follow, which an HTTP/1.1 client expects.
        case implied
        /// Another request may follow, which is stated for a client of HTTP/1.0.
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
    ///   - id: the id of the request.
    ///   - date: the value of Date.
    ///   - lines: further fields, as lines. They are nil where there are none.
    ///   - room: how many bytes of a body will be written after the head.
    func write(
        _ head: borrowing ResponseHead,
        _ persistence: Persistence,
        id: RequestID,
        date: [UInt8],
        lines: [UInt8]? = nil,
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
        if let lines { lines.withUnsafeBytes { text.write($0) } }
        write(head.content)
        if head.isEventStream { writeStreamFields(head.content) }
        switch head.framing {
        case .length(let length): field("content-length", Int64(length))
        case .chunked: text.write("transfer-encoding: chunked\r\n")
        case .untilClose, .headOnly: break
        }
        if let status = head.cacheStatus {
            text.write("cache-status: ")
            status.write(to: &text)
            text.write("\r\n")
        }
        if let origin = head.origin {
            field("age", origin.age)
            // LiteLLM's clients expect the key in this field.
            text.write("x-litellm-cache-key: ")
            origin.key.withText { text.write($0) }
            // An answer from the cache costs nothing.
            text.write("\r\nx-litellm-response-cost: 0\r\n")
        }
        if let producer = head.producer { producer.lines.withUnsafeBytes { text.write($0) } }
        text.write("x-request-id: ")
        id.write(to: &text)
        text.write("\r\nx-litellm-call-id: ")
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
        case .none: break
        case .type(let type): contentType(type)
        case .fields(let fields): fields.lines.withUnsafeBytes { text.write($0) }
        case .converted(let fields, let type):
            fields.lines(without: "content-type").withUnsafeBytes { text.write($0) }
            contentType(type)
        }
    }

    /// Writes the fields that keep proxies from collecting or storing a stream, unless the model has sent them.
    private func writeStreamFields(_ content: ResponseHead.Content) {
        var own: AnswerFields?
        switch content {
        case .none, .type: break
        case .fields(let fields), .converted(let fields, _): own = fields
        }
        if own?.first("cache-control") == nil { text.write("cache-control: no-cache\r\n") }
        if own?.first("x-accel-buffering") == nil { text.write("x-accel-buffering: no\r\n") }
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
