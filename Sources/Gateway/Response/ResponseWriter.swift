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
    ///   - withoutLimits: whether the model's fields about limits are left out.
    ///   - room: how many bytes of a body will be written after the head.
    func write(
        _ head: borrowing ResponseHead,
        _ persistence: Persistence,
        id: RequestID,
        date: [UInt8],
        lines: [UInt8]? = nil,
        withoutLimits: Bool = false,
        room: Int
    ) -> ByteBuffer {
        text.reset()
        begin(head.status, date)
        // Each line begins with the end of the one before it, so that a field takes as few pieces as possible.
        switch persistence {
        case .implied: break
        case .stated: text.write("\r\nconnection: keep-alive")
        case .closes: text.write("\r\nconnection: close")
        }
        for (name, value) in head.fields { field(name, value) }
        if let lines { write(lines: lines) }
        write(head.content, withoutLimits: withoutLimits)
        if head.isEventStream { writeStreamFields(head.content) }
        switch head.framing {
        case .length(let length):
            text.write("\r\ncontent-length: ")
            text.write(decimal: Int64(length))
        case .chunked: text.write("\r\ntransfer-encoding: chunked")
        case .untilClose, .headOnly: break
        }
        if let status = head.cacheStatus {
            text.write("\r\ncache-status: ")
            status.write(to: &text)
        }
        if let origin = head.origin {
            text.write("\r\nage: ")
            text.write(decimal: origin.age)
            // An answer from the cache costs nothing. LiteLLM's clients expect the key in the other field.
            text.write("\r\nx-litellm-response-cost: 0\r\nx-litellm-cache-key: ")
            origin.key.withText { text.write($0) }
        }
        if let producer = head.producer { write(lines: producer.lines) }
        text.write("\r\nx-request-id: ")
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
    }

    private func write(_ content: ResponseHead.Content, withoutLimits: Bool) {
        switch content {
        case .none: break
        case .type(let type): contentType(type)
        case .fields(let fields) where withoutLimits: write(lines: fields.withoutLimits.lines)
        case .fields(let fields): write(lines: fields.lines)
        case .converted(let fields, let type):
            let fields = withoutLimits ? fields.withoutLimits : fields
            write(lines: fields.lines(without: "content-type"))
            contentType(type)
        }
    }

    /// Writes fields, each of which has a line end behind it.
    private func write(lines: [UInt8]) {
        guard !lines.isEmpty else { return }
        text.write("\r\n")
        lines.withUnsafeBytes { text.write($0) }
        text.removeLast(2)
    }

    /// Writes the fields that keep proxies from collecting or storing a stream, unless the model has sent them.
    private func writeStreamFields(_ content: ResponseHead.Content) {
        var own: AnswerFields?
        switch content {
        case .none, .type: break
        case .fields(let fields), .converted(let fields, _): own = fields
        }
        if own?.first("cache-control") == nil { text.write("\r\ncache-control: no-cache") }
        if own?.first("x-accel-buffering") == nil { text.write("\r\nx-accel-buffering: no") }
    }

    private func contentType(_ value: String) {
        text.write("\r\ncontent-type: ")
        text.write(string: value)
    }

    private func field(_ name: String, _ value: String) {
        text.write("\r\n")
        text.write(string: name)
        text.write(": ")
        text.write(string: value)
    }
}
