import CCurl
import Glibc

/// One request in flight through libcurl. Bound to the I/O thread.
final class Transfer {
    typealias Outcome = Result<HTTPResponse, HTTPFailure>

    let easy: UnsafeMutableRawPointer
    private let request: HTTPRequest
    private var finish: ((Outcome) -> Void)?
    private var list: UnsafeMutablePointer<curl_slist>?
    private let body = ResponseBody()
    private var headers = ResponseHeaders()
    /// Of the answer that is arriving.
    private var status = 0
    /// Whether more of an error came than is read.
    private var isCutOff = false
    private var partIndex = 0
    private var partOffset = 0
    private var isTooLarge = false
    private let errorText: UnsafeMutablePointer<CChar>

    init?(_ request: HTTPRequest, easy: UnsafeMutableRawPointer, tls: CurlTLS, finish: @escaping (Outcome) -> Void) {
        self.easy = easy
        self.request = request
        self.finish = finish
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        setUp(tls)
    }

    deinit {
        curl_slist_free_all(list)
        errorText.deallocate()
    }

    private func setUp(_ tls: CurlTLS) {
        let this = Unmanaged.passUnretained(self).toOpaque()
        curl_set_text(easy, CURLOPT_URL, request.url)
        curl_set_text(easy, CURLOPT_CUSTOMREQUEST, request.method)
        curl_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText)
        curl_set_pointer(easy, CURLOPT_PRIVATE, this)
        curl_set_long(easy, CURLOPT_NOSIGNAL, 1)
        curl_set_text(easy, CURLOPT_PROTOCOLS_STR, "http,https")
        // The signature covers the path as it is.
        curl_set_long(easy, CURLOPT_PATH_AS_IS, 1)
        curl_set_long(easy, CURLOPT_TCP_NODELAY, 1)
        curl_set_long(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS)
        curl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, request.connectTimeout)
        curl_set_long(easy, CURLOPT_TIMEOUT_MS, request.totalTimeout)
        if request.readTimeout > 0 {
            curl_set_long(easy, CURLOPT_LOW_SPEED_LIMIT, 1)
            curl_set_long(easy, CURLOPT_LOW_SPEED_TIME, max(1, request.readTimeout / 1000))
        }
        if request.isDirect { curl_set_text(easy, CURLOPT_NOPROXY, "*") }
        tls.apply(to: easy)
        if request.method == "HEAD" { curl_set_long(easy, CURLOPT_NOBODY, 1) }
        switch request.body {
        case .none: break
        case .bytes, .parts:
            curl_set_long(easy, CURLOPT_UPLOAD, 1)
            curl_set_size(easy, CURLOPT_INFILESIZE_LARGE, curl_off_t(request.body.count))
            curl_set_function(easy, CURLOPT_READFUNCTION) { room, size, count, data in
                guard let room, let transfer = Transfer.behind(data) else { return Int(CURL_READFUNC_ABORT) }
                return transfer.send(UnsafeMutableRawBufferPointer(start: room, count: size * count))
            }
            curl_set_pointer(easy, CURLOPT_READDATA, this)
        }
        for (name, value) in request.headers + [("expect", "")] {
            // An empty value would take the header out; curl wants a semicolon for one that is to be sent empty.
            list = curl_slist_append(list, value.isEmpty ? "\(name):" : "\(name): \(value)")
        }
        curl_set_list(easy, CURLOPT_HTTPHEADER, list)
        curl_set_function(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, data in
            let isTaken =
                Transfer.behind(data)?.take(header: UnsafeRawBufferPointer(start: bytes, count: size * count)) ?? false
            return isTaken ? size * count : 0
        }
        curl_set_pointer(easy, CURLOPT_HEADERDATA, this)
        curl_set_function(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, data in
            let isTaken =
                Transfer.behind(data)?.take(UnsafeRawBufferPointer(start: bytes, count: size * count)) ?? false
            return isTaken ? size * count : 0
        }
        curl_set_pointer(easy, CURLOPT_WRITEDATA, this)
    }

    static func behind(_ data: UnsafeMutableRawPointer?) -> Transfer? {
        data.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }

    /// The transfer is over.
    func ended(_ code: CURLcode) {
        let finish = finish.take()
        // What an error says is at its beginning: one that goes on and on is an answer all the same.
        guard code == CURLE_OK || isCutOff else { return finish?(.failure(failure(code))) ?? () }
        finish?(.success(HTTPResponse(status: status, headers: headers, body: body)))
    }

    func cancelled() { finish.take()?(.failure(HTTPFailure(kind: .cancelled, reason: "cancelled"))) }

    private func failure(_ code: CURLcode) -> HTTPFailure {
        let said = String(cString: errorText)
        let reason = said.isEmpty ? String(cString: curl_easy_strerror(code)) : said
        let kind: HTTPFailure.Kind =
            switch code {
            case CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .unreachable
            case CURLE_OPERATION_TIMEDOUT: .timedOut
            case CURLE_PARTIAL_FILE, CURLE_BAD_CONTENT_ENCODING: .truncated
            case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE: .certificate
            case CURLE_WRITE_ERROR where isTooLarge: .tooLarge
            default: .broken
            }
        return HTTPFailure(kind: kind, reason: reason)
    }

    // MARK: Bytes

    private func send(_ room: UnsafeMutableRawBufferPointer) -> Int {
        switch request.body {
        case .none: return 0
        case .bytes(let bytes):
            return bytes.withUnsafeBytes { copy($0, to: room, from: &partOffset) }
        case .parts(let parts):
            var filled = 0
            while partIndex < parts.count, filled < room.count {
                let rest = UnsafeMutableRawBufferPointer(rebasing: room[filled...])
                filled += copy(parts[partIndex], to: rest, from: &partOffset)
                if partOffset >= parts[partIndex].count {
                    partIndex += 1
                    partOffset = 0
                }
            }
            return filled
        }
    }

    private func copy(
        _ source: UnsafeRawBufferPointer,
        to room: UnsafeMutableRawBufferPointer,
        from offset: inout Int
    ) -> Int {
        let count = min(room.count, source.count - offset)
        guard count > 0 else { return 0 }
        room.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[offset..<(offset + count)]))
        offset += count
        return count
    }

    /// Whether the answer is no success.
    private var isError: Bool { !(200..<300).contains(status) }

    /// How much of the answer's body is read, in bytes.
    private var limit: Int { isError ? ServiceError.largestBody : request.largestAnswer }

    /// - Returns: whether the transfer is to go on.
    private func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let room = limit - body.count
        if bytes.count <= room {
            isTooLarge = !body.append(bytes)
            return !isTooLarge
        }
        if isError {
            isCutOff = body.append(UnsafeRawBufferPointer(rebasing: bytes.prefix(max(0, room))))
        }
        isTooLarge = !isCutOff
        return false
    }

    /// - Returns: whether the transfer is to go on.
    private func take(header line: UnsafeRawBufferPointer) -> Bool {
        // A further status line (100, 1xx) begins anew.
        if line.starts(with: "HTTP/".utf8) {
            headers = ResponseHeaders()
            status = 0
            curl_get_long(easy, CURLINFO_RESPONSE_CODE, &status)
            return true
        }
        headers.take(line)
        // Told once, at the empty line that ends the headers.
        guard line.count <= 2, request.method != "HEAD", let length = headers[.contentLength].flatMap({ Int($0) })
        else { return true }
        guard isError || length <= limit else {
            isTooLarge = true
            return false
        }
        body.reserve(min(length, limit))
        return true
    }
}

/// How curl is to check certificates.
struct CurlTLS: Sendable {
    let verification: S3Settings.Verification

    fileprivate func apply(to easy: UnsafeMutableRawPointer) {
        switch verification {
        case .system: break
        case .file(let path): curl_set_text(easy, CURLOPT_CAINFO, path)
        case .none:
            curl_set_long(easy, CURLOPT_SSL_VERIFYPEER, 0)
            curl_set_long(easy, CURLOPT_SSL_VERIFYHOST, 0)
        }
    }
}
