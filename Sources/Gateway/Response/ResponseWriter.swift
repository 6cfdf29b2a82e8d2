import NIOCore
import ResponseCache

/// Writes one HTTP/1.1 response, head first, into one buffer.
///
/// Names and values are written as they are given: whoever passes a value from outside has checked that it
/// holds no line break (`HeaderField.isSafe`).
struct ResponseWriter {
    private(set) var buffer: ByteBuffer

    /// - Parameter capacity: bytes to reserve for head and body together.
    init(status: Int, date: ByteBuffer, capacity: Int, allocator: ByteBufferAllocator) {
        buffer = allocator.buffer(capacity: capacity)
        if status == 200 {
            buffer.writeStaticString("HTTP/1.1 200 OK\r\ndate: ")
        } else {
            buffer.writeStaticString("HTTP/1.1 ")
            buffer.writeDecimal(Int64(status))
            buffer.writeStaticString(" ")
            buffer.writeStaticString(ReasonPhrase.of(status))
            buffer.writeStaticString("\r\ndate: ")
        }
        buffer.writeImmutableBuffer(date)
        buffer.writeStaticString("\r\n")
    }

    /// Appends whole header lines, line ends included.
    mutating func lines(_ lines: StaticString) {
        buffer.writeStaticString(lines)
    }

    mutating func field(_ name: String, _ value: String) {
        buffer.writeString(name)
        buffer.writeStaticString(": ")
        buffer.writeString(value)
        buffer.writeStaticString("\r\n")
    }

    mutating func contentLength(_ length: Int) {
        buffer.writeStaticString("content-length: ")
        buffer.writeDecimal(Int64(length))
        buffer.writeStaticString("\r\n")
    }

    /// Hands the buffer out for a header line that knows how to write itself.
    mutating func write(_ body: (inout ByteBuffer) -> Void) {
        body(&buffer)
    }

    /// Ends the head.
    mutating func endHead() {
        buffer.writeStaticString("\r\n")
    }

    mutating func body(_ bytes: UnsafeRawBufferPointer) {
        buffer.writeBytes(bytes)
    }
}

/// The reason phrases of RFC 9110 section 15.
enum ReasonPhrase {
    static func of(_ status: Int) -> StaticString {
        switch status {
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 402: "Payment Required"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 411: "Length Required"
        case 413: "Content Too Large"
        case 415: "Unsupported Media Type"
        case 422: "Unprocessable Content"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        default: "Unknown"
        }
    }
}
