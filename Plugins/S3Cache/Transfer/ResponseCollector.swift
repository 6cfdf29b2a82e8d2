/// An answer as it is received, read as far as it is wanted: only the beginning of an error, and nothing of another
/// answer if it is too large. It has no connection.
struct ResponseCollector {
    enum State: Equatable {
        case arriving
        /// The answer is an error of which only the beginning is read.
        case cutOff
        /// Its body is larger than is wanted, or than there is memory for.
        case tooLarge
    }

    private(set) var state = State.arriving
    private var status = 0
    private var headers = ResponseHeaders()
    private let body = ResponseBody()
    private let hasBody: Bool
    private let largestBody: Int

    /// - Parameters:
    ///   - hasBody: whether a body follows. If not, as after HEAD, the Content-Length is not its length.
    ///   - largestBody: the greatest size in bytes of the body of an answer that is not an error.
    init(hasBody: Bool, largestBody: Int) {
        self.hasBody = hasBody
        self.largestBody = largestBody
    }

    /// What has been received.
    var response: HTTPResponse { HTTPResponse(status: status, headers: headers, body: body) }

    /// Whether the answer is an error.
    private var isError: Bool { !(200..<300).contains(status) }

    /// How much of the body is read, in bytes.
    private var limit: Int { isError ? ServiceError.largestBody : largestBody }

    /// A status line has been received, which may follow that of an interim answer (100).
    mutating func begin(status: Int) {
        self.status = status
        headers = ResponseHeaders()
    }

    /// Adds a header line, or the empty line that ends the headers.
    /// - Returns: whether the transfer continues.
    mutating func take(header line: UnsafeRawBufferPointer) -> Bool {
        headers.take(line)
        let isEnd = line.count <= 2
        guard isEnd, hasBody, let length = headers[.contentLength].flatMap({ Int($0) }) else { return true }
        guard isError || length <= limit else {
            state = .tooLarge
            return false
        }
        body.reserve(min(length, limit))
        return true
    }

    /// Adds bytes of the body.
    /// - Returns: whether the transfer continues.
    mutating func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let room = limit - body.count
        if bytes.count <= room {
            if body.append(bytes) { return true }
            state = .tooLarge
        } else if isError, body.append(UnsafeRawBufferPointer(rebasing: bytes.prefix(max(0, room)))) {
            state = .cutOff
        } else {
            state = .tooLarge
        }
        return false
    }
}
