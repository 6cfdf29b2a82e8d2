/// An answer as it arrives, read as far as it is wanted: of an error no more than its beginning, of anything else
/// nothing if it is too large. Knows no connection.
struct ResponseCollector {
    enum State: Equatable {
        case arriving
        /// It is an error whose beginning is read, and no more of it is.
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
    ///   - hasBody: false where the Content-Length says nothing of what arrives, as after HEAD.
    ///   - largestBody: of an answer that is no error, in bytes.
    init(hasBody: Bool, largestBody: Int) {
        self.hasBody = hasBody
        self.largestBody = largestBody
    }

    /// What has arrived.
    var response: HTTPResponse { HTTPResponse(status: status, headers: headers, body: body) }

    /// Whether the answer is no success.
    private var isError: Bool { !(200..<300).contains(status) }

    /// How much of the body is read, in bytes.
    private var limit: Int { isError ? ServiceError.largestBody : largestBody }

    /// A status line has come, perhaps after that of an interim answer (100).
    mutating func begin(status: Int) {
        self.status = status
        headers = ResponseHeaders()
    }

    /// Takes a header line, or the empty line that ends the headers.
    /// - Returns: whether the transfer is to go on.
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

    /// Takes bytes of the body.
    /// - Returns: whether the transfer is to go on.
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
