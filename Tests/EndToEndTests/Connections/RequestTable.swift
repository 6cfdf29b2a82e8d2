/// Requests in every form that servers have been known to read differently, and how they are answered.
enum RequestTable {
    struct Case: Sendable, CustomStringConvertible {
        let bytes: [UInt8]
        let status: Int
        /// How the gateway and NIO's decoder differ, if they do.
        var difference = Difference.none

        /// The beginning of the bytes, as a string literal.
        var description: String {
            bytes.prefix(160).map { byte in
                switch byte {
                case 0x0D: "\\r"
                case 0x0A: "\\n"
                case 0x20..<0x7F: String(UnicodeScalar(byte))
                default: "\\x" + String(byte, radix: 16)
                }
            }
            .joined()
        }
    }

    enum Difference: Sendable {
        case none
        /// The gateway refuses what NIO's decoder reads.
        case stricter
        /// NIO's decoder refuses what the gateway reads and answers.
        case laxer
    }

    static let body = #"{"model":"gpt-3.5-turbo","messages":[{"role":"user","content":"hi"}]}"#

    static let cases: [Case] = Array(
        [transferEncodings, contentLengths, hosts, requestLines, lineEnds, fields, chunks, sizes].joined()
    )

    // MARK: Parts

    private static func post(
        _ fields: [String],
        _ body: String,
        _ status: Int,
        version: String = "1.1",
        _ difference: Difference = .none
    ) -> Case {
        let head = ["POST /v1/chat/completions HTTP/\(version)", "Host: a"] + fields
        let text = head.map { $0 + "\r\n" }.joined() + "\r\n" + body
        return Case(bytes: Array(text.utf8), status: status, difference: difference)
    }

    private static func get(
        _ line: String,
        _ fields: [String],
        _ status: Int,
        _ difference: Difference = .none
    ) -> Case {
        raw(([line] + fields).map { $0 + "\r\n" }.joined() + "\r\n", status, difference)
    }

    /// Makes a case in which characters from U+0080 to U+00FF stand for single bytes.
    private static func raw(_ text: String, _ status: Int, _ difference: Difference = .none) -> Case {
        let bytes = text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
        return Case(bytes: bytes, status: status, difference: difference)
    }

    private static func chunked(_ body: String) -> String {
        String(body.utf8.count, radix: 16) + "\r\n" + body + "\r\n0\r\n\r\n"
    }

    private static let length = "Content-Length: \(body.utf8.count)"

    private static func each(_ texts: [String], _ make: (String) -> Case) -> [Case] { texts.map(make) }

    // MARK: Framing

    private static var transferEncodings: [Case] {
        var cases: [Case] = []
        cases += each(["chunked", "Chunked", "CHUNKED", "  chunked", "chunked  ", "\tchunked"]) {
            post(["Transfer-Encoding:\($0)"], chunked(body), 200)
        }
        cases += each([
            "gzip", "identity", "chunked, gzip", "", " ", "chunked;q=1", "chunked,", "xchunked", "chunkedx", "chunk",
            "\"chunked\"", "br", "chunked, chunked", "trailers", "chun ked", "chunked, identity", "chunked\u{B}",
        ]) { post(["Transfer-Encoding: \($0)"], chunked(body), 400) }
        cases += each([
            "gzip, chunked", "identity, chunked", ",chunked", "deflate,chunked", "a b, chunked",
        ]) {
            post(["Transfer-Encoding: \($0)"], chunked(body), 400, .stricter)
        }
        cases += [
            post(["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"], chunked(body), 400),
            post(["Transfer-Encoding: gzip", "Transfer-Encoding: chunked"], chunked(body), 400, .stricter),
            post(["Transfer-Encoding: identity", "transfer-encoding: chunked"], chunked(body), 400, .stricter),
            post(["Transfer-Encoding: chunked", "Transfer-Encoding: gzip"], chunked(body), 400),
            post(["Transfer-Encoding: chunked"], chunked(body), 400, version: "1.0", .stricter),
            post(
                ["Transfer-Encoding: chunked", "Connection: keep-alive"],
                chunked(body),
                400,
                version: "1.0",
                .stricter
            ),
            post(["Transfer-Encoding: chunked", length], chunked(body), 400),
            post([length, "Transfer-Encoding: chunked"], chunked(body), 400),
            post(["Content-Length: 0", "Transfer-Encoding: chunked"], chunked(body), 400),
            post([length, "Transfer-Encoding: identity"], body, 400),
            post([length, "Transfer-Encoding: "], body, 400),
            post(["Transfer-Encoding : chunked"], chunked(body), 400),
            post([" Transfer-Encoding: chunked"], chunked(body), 400),
            post([length, "Transfer_Encoding: chunked"], body, 200),
            post([length, "X-Transfer-Encoding: chunked"], body, 200),
        ]
        return cases
    }

    private static let count = body.utf8.count

    private static var contentLengths: [Case] {
        var cases: [Case] = []
        cases += each([
            "\(count)", "0\(count)", "000000000000000000000\(count)", "\(count)  ", "  \(count)", "\t\(count)",
        ]) {
            post(["Content-Length:\($0)"], body, 200)
        }
        cases += each([
            "+\(count)", "-\(count)", "\(count),\(count)", "\(count), \(count)", "0x45", "\(count).0", "", " ",
            "\(count) \(count)", "\(count)x", "\"\(count)\"", "1e2", "\(count);", "\(count)\u{B}", "٦٩",
        ]) { post(["Content-Length: \($0)"], body, 400) }
        cases += [
            post([length, length], body, 400),
            post([length, "content-length: \(count)"], body, 400),
            post([length, "Content-Length: 1"], body, 400),
            post(["Content-Length: 0", length], body, 400),
            post(["Content-Length : \(count)"], body, 400),
            post([length], body, 200, version: "1.0"),
        ]
        return cases
    }

    private static var sizes: [Case] {
        var cases: [Case] = []
        cases += each(["33554433", "4294967296", "9223372036854775807"]) { post(["Content-Length: \($0)"], "", 413) }
        cases += each(["9223372036854775808", "18446744073709551615"]) { post(["Content-Length: \($0)"], "", 413) }
        cases += each(["18446744073709551616", "99999999999999999999", String(repeating: "9", count: 400)]) {
            post(["Content-Length: \($0)"], "", 413, .laxer)
        }
        cases += each(["2000001", "7fffffff", "fffffffff", "7fffffffffffffff", "ffffffffffffffff"]) {
            post(["Transfer-Encoding: chunked"], "\($0)\r\n", 413, .stricter)
        }
        cases += each(["10000000000000000", "fffffffffffffffffffff"]) {
            post(["Transfer-Encoding: chunked"], "\($0)\r\n", 413)
        }
        return cases
    }

    private static var chunks: [Case] {
        var cases: [Case] = []
        cases += each([
            chunked(body), String(count, radix: 16).uppercased() + "\r\n\(body)\r\n0\r\n\r\n",
            "000" + chunked(body), "45;a\r\n\(body)\r\n0\r\n\r\n", "45;a=b\r\n\(body)\r\n0\r\n\r\n",
            "45;a=\"b\"\r\n\(body)\r\n0;c\r\n\r\n", "45\r\n\(body)\r\n0\r\nA: b\r\n\r\n",
            "45\r\n\(body)\r\n000\r\n\r\n",

        ]) { post(["Transfer-Encoding: chunked"], $0, 200) }
        cases += each([
            "x\r\n", "\r\n", "-45\r\n\(body)\r\n", "0x45\r\n\(body)\r\n", "+45\r\n\(body)\r\n",
            "45\n\(body)\r\n0\r\n\r\n",
            "45\r\n\(body)0\r\n\r\n", "45\r\n\(body)\n0\r\n\r\n", "45\r\n\(body)xx0\r\n\r\n", "45 45\r\n\(body)\r\n",
            "45\r\n\(body)\r\n0\r\nno colon\r\n\r\n", "45\r\n\(body)\r\n0\r\nA : b\r\n\r\n", "45;\u{1}\r\n\(body)\r\n",
            "45\r\n\(body)\r\n0\r\nA: b\n\r\n", "45\r\n\(body)\r\n0\r\n\n",
            "45\r\n\(body)\r\n0\r\nContent-Length: 1\r\n\r\n",
            "45\r\n\(body)\r\n0\r\nTransfer-Encoding: gzip\r\n\r\n", "45 ;a\r\n\(body)\r\n0\r\n\r\n",
            " 45\r\n\(body)\r\n0\r\n\r\n",
        ]) { post(["Transfer-Encoding: chunked"], $0, 400) }
        return cases
    }

    // MARK: Hosts

    private static var hosts: [Case] {
        var cases: [Case] = []
        cases += each([
            "a", "a.b", "localhost:8000", "127.0.0.1", "127.0.0.1:80", "[::1]", "[::1]:8000", "A-B.example", "a_b",
            "a:",
            "a:65535", "a%20b", "a~b", "[::ffff:1.2.3.4]:1", "a.",
        ]) { get(["Host: \($0)"], 200) }
        cases += each([
            "", " ", "a b", "a/b", "http://a", "a,b", "a, b", "\u{80}", "a\u{80}", "\u{E9}.example", "a:b", "a:65536",
            "a:123456", ":80", "a:80:80", "u@a", "a?b", "a#b", "[::1", "::1", "[]", "[g::1]", "[::1]x", "[::1]:x",
            "[::1]:65536", "a\"b", "a<b", "a\\b", "a|b", "a^b", "a`b", "{a}", "a%2", "a%zz", "a\tb", "a b:80", "/",
            "a/",
            String(repeating: "a", count: 400),
        ]) { get(["Host: \($0)"], 400, .stricter) }
        cases += [
            get([], 400, .stricter),
            get(["Host: a", "Host: a"], 400, .stricter),
            get(["Host: a", "Host: b"], 400, .stricter),
            get(["Host: a", "host: a"], 400, .stricter),
            get(["Host: a", "A: b", "HOST:"], 400, .stricter),
            get(["Host : a"], 400),
            get(["X-Host: a"], 400, .stricter),
            get("GET /v1/models HTTP/1.0", [], 200),
            get("GET /v1/models HTTP/1.0", ["Host: a"], 200),
            get("GET /v1/models HTTP/1.0", ["Host: a,b"], 400, .stricter),
            get("GET /v1/models HTTP/1.0", ["Host: a", "Host: a"], 400, .stricter),
            get("GET http://a/v1/models HTTP/1.1", [], 400, .stricter),
        ]
        return cases
    }

    private static func get(_ fields: [String], _ status: Int, _ difference: Difference = .none) -> Case {
        get("GET /v1/models HTTP/1.1", fields, status, difference)
    }

    // MARK: Request lines

    private static func line(_ line: String, _ status: Int, _ difference: Difference = .none) -> Case {
        get(line, ["Host: a"], status, difference)
    }

    private static var requestLines: [Case] {
        var cases: [Case] = []
        cases += each([
            "GET /v1/models HTTP/1.1", "GET /models HTTP/1.1", "GET /v1/models/ HTTP/1.1",
            "GET /v1/models?x=1 HTTP/1.1",
            "GET /v1/models?%20=/? HTTP/1.1", "HEAD /v1/models HTTP/1.1", "GET http://a/v1/models HTTP/1.1",
            "GET https://a/v1/models HTTP/1.1", "GET http://a:80/v1/models?x HTTP/1.1",
            "GET http://other/v1/models HTTP/1.1", "GET http://[::1]:80/v1/models HTTP/1.1",
            "GET HTTP://a/v1/models HTTP/1.1",
        ]) { line($0, 200) }
        cases += [
            raw("POST http://a/v1/chat/completions HTTP/1.1\r\nHost: a\r\n\(length)\r\n\r\n\(body)", 200),
            line("GET /nothing HTTP/1.1", 404), line("GET //v1/models HTTP/1.1", 200),
            line("GET http://a HTTP/1.1", 404),
            line("GET http://a/ HTTP/1.1", 404), line("OPTIONS * HTTP/1.1", 204), line("CONNECT a:1 HTTP/1.1", 404),
            line("PUT /v1/models HTTP/1.1", 405), line("BREW /v1/models HTTP/1.1", 405, .laxer),
            line("get /v1/models HTTP/1.1", 405, .laxer),
        ]
        cases += each([
            "GET\t/v1/models HTTP/1.1", " GET /v1/models HTTP/1.1", "GET /v1/models\tHTTP/1.1", "GET /v1/models",
            "GET", "GET ", "GET /v1/models ", "GET /v1/models HTTP/1", "GET /v1/models HTTP/1.",
            "GET /v1/models HTTP/1.1.1",
            "GET /v1/models http/1.1", "GET /v1/models HTTP/01.1", "GET /v1/models HTTP/1.01",
            "GET /v1/mod els HTTP/1.1",
            "GET v1/models HTTP/1.1", "G@T /v1/models HTTP/1.1",
            "GET /v1/models\u{0} HTTP/1.1", "GET /\u{7F} HTTP/1.1", "GET /v1/models HTTPS/1.1",
            "GET /v1/models HTTP 1.1",
            "HTTP/1.1 200 OK", "GET /v1/models HTTP/1.1 ", "GET /\u{E9} HTTP/1.1", "GET /v1/models HTTP/1.1 x",
        ]) { line($0, 400) }
        cases += each([
            "GET  /v1/models HTTP/1.1", "GET /v1/models  HTTP/1.1",
            "GET ftp://a/v1/models HTTP/1.1",
            "GET http://u@a/v1/models HTTP/1.1", "GET http://a,b/v1/models HTTP/1.1",
            "GET * HTTP/1.1", "GET http:///v1/models HTTP/1.1",
        ]) { line($0, 400, .stricter) }
        cases += each(["2.0", "0.9", "1.2", "9.9", "3.0", "2.1"]) { line("GET /v1/models HTTP/\($0)", 505) }
        cases += [raw("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505)]
        cases += each(["\r", "\n", "\r\n", "\r\n\r\n", "\r\r\n", "\n\r"]) {
            raw("\($0)GET /v1/models HTTP/1.1\r\nHost: a\r\n\r\n", 400, .stricter)
        }
        cases += [raw("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}", 400), raw("\u{0}", 400)]
        return cases
    }

    private static let lineEnds: [Case] = [
        raw("GET /v1/models HTTP/1.1\nHost: a\n\n", 400),
        raw("GET /v1/models HTTP/1.1\r\nHost: a\n\r\n", 400),
        raw("GET /v1/models HTTP/1.1\nHost: a\r\n\r\n", 400),
        raw("GET /v1/models HTTP/1.1\r\nHost: a\r\n\n", 400),
        raw("GET /v1/models HTTP/1.1\r\r\nHost: a\r\n\r\n", 400),
        raw("GET /v1/models HTTP/1.1\r\nHost: a\r\r\n\r\n", 400),
        raw("GET /v1/models HTTP/1.1\r\nHost: a\rA: b\r\n\r\n", 400),
        raw("GET /v1/models HTTP/1.1\r\nHost: a\r\n\rA: b\r\n\r\n", 400),
    ]

    // MARK: Fields

    private static var fields: [Case] {
        var cases: [Case] = []
        cases += each([
            "A: b", "A:b", "A:", "A:   ", "A: b\tc", "A: \u{80}\u{FF}", "!#$%&'*+-.^_`|~9z: b", "Connection: close",
            "Connection: Upgrade\r\nUpgrade: h2c", "Connection: x, close", "Keep-Alive: timeout=5", "TE: trailers",
            "Trailer: x", "Proxy-Connection: keep-alive",
        ]) { raw("GET /v1/models HTTP/1.1\r\nHost: a\r\n\($0)\r\n\r\n", 200) }
        cases += each([
            "A : b", "A\t: b", "A b: c", ": b", "A", "A: \u{0}", "A: \u{1}", "A: \u{7F}", "A\u{E9}: b", "(A): b",
            "A@: b",
            "A;: b", "\"A\": b", "{A}: b", "A/B: c", "A=: b", "A[0]: b", "A: b\u{0}c",
        ]) { raw("GET /v1/models HTTP/1.1\r\nHost: a\r\n\($0)\r\n\r\n", 400) }
        cases += each(["A: b\r\n c", "A: b\r\n\tc", "A:\r\n b", "A: b\r\n "]) {
            raw("GET /v1/models HTTP/1.1\r\nHost: a\r\n\($0)\r\n\r\n", 400)
        }
        cases += [
            raw("GET /v1/models HTTP/1.1\r\n A: b\r\nHost: a\r\n\r\n", 400),
            get(["Host: a"] + Array(repeating: "A: b", count: 99), 200),
            get(["Host: a"] + Array(repeating: "A: b", count: 100), 431),
            get(["Host: a", "A: " + String(repeating: "b", count: 17_000)], 431),
            get(["Host: a"] + Array(repeating: "A: " + String(repeating: "b", count: 9_000), count: 4), 431),
            line("GET /" + String(repeating: "a", count: 17_000) + " HTTP/1.1", 431),
            line("GET /" + String(repeating: "a", count: 8_000) + " HTTP/1.1", 404),
        ]
        return cases
    }
}
