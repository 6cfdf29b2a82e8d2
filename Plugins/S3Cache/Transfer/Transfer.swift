import CCurl
import Glibc

/// [I/O thread] One request in flight through libcurl.
final class Transfer {
    typealias Outcome = Result<HTTPResponse, HTTPFailure>

    let easy: UnsafeMutableRawPointer
    private let request: HTTPRequest
    private var finish: ((Outcome) -> Void)?
    private var list: UnsafeMutablePointer<curl_slist>?
    private var upload: UploadCursor
    private var answer: ResponseCollector
    private let errorText: UnsafeMutablePointer<CChar>

    init?(_ request: HTTPRequest, easy: UnsafeMutableRawPointer, tls: CurlTLS, finish: @escaping (Outcome) -> Void) {
        self.easy = easy
        self.request = request
        self.finish = finish
        upload = UploadCursor(request.body)
        answer = ResponseCollector(hasBody: request.method != "HEAD", largestBody: request.largestAnswer)
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
        // The signature covers the path as it is, so curl must not change it.
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
                return transfer.upload.copy(to: UnsafeMutableRawBufferPointer(start: room, count: size * count))
            }
            curl_set_pointer(easy, CURLOPT_READDATA, this)
        }
        for (name, value) in request.headers + [("expect", "")] {
            // An empty value would remove the header, and curl sends an empty header for a semicolon.
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
                Transfer.behind(data)?.answer.take(UnsafeRawBufferPointer(start: bytes, count: size * count)) ?? false
            return isTaken ? size * count : 0
        }
        curl_set_pointer(easy, CURLOPT_WRITEDATA, this)
    }

    /// Returns the transfer that curl was given as user data.
    static func behind(_ data: UnsafeMutableRawPointer?) -> Transfer? {
        data.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }

    /// The transfer has ended, with success or failure.
    func ended(_ code: CURLcode) {
        let finish = finish.take()
        // The content of an error is at its beginning. One that was cut off is an answer all the same.
        guard code == CURLE_OK || answer.state == .cutOff else { return finish?(.failure(failure(code))) ?? () }
        finish?(.success(answer.response))
    }

    /// The transfer was cancelled before its end.
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
            case CURLE_WRITE_ERROR where answer.state == .tooLarge: .tooLarge
            default: .broken
            }
        return HTTPFailure(kind: kind, reason: reason)
    }

    /// - Returns: whether the transfer continues.
    private func take(header line: UnsafeRawBufferPointer) -> Bool {
        guard line.starts(with: "HTTP/".utf8) else { return answer.take(header: line) }
        var status = 0
        curl_get_long(easy, CURLINFO_RESPONSE_CODE, &status)
        answer.begin(status: status)
        return true
    }
}

/// How curl verifies certificates.
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
