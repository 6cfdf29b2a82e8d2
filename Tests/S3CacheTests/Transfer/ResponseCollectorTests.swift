import Testing

@testable import S3Cache

@Suite("An answer as it arrives")
struct ResponseCollectorTests {
    private func take(_ line: String, _ collector: inout ResponseCollector) -> Bool {
        Array(line.utf8).withUnsafeBytes { collector.take(header: $0) }
    }

    private func take(bytes count: Int, _ collector: inout ResponseCollector) -> Bool {
        [UInt8](repeating: 0x61, count: count).withUnsafeBytes { collector.take($0) }
    }

    private func collector(_ status: Int, hasBody: Bool = true) -> ResponseCollector {
        var collector = ResponseCollector(hasBody: hasBody, largestBody: 10)
        collector.begin(status: status)
        return collector
    }

    @Test("is the last of several status lines with its headers")
    func interim() {
        var collector = collector(100)
        #expect(take("Expires: then\r\n", &collector) == true)
        #expect(take("\r\n", &collector) == true)
        collector.begin(status: 200)
        #expect(take("Content-Length: 3\r\n", &collector) == true)
        #expect(take("\r\n", &collector) == true)
        #expect(take(bytes: 3, &collector) == true)
        let response = collector.response
        #expect(response.status == 200 && response[.expires] == nil && response.body.count == 3)
        #expect(collector.state == .arriving)
    }

    @Test("is given up where it says, or shows, that it is larger than is wanted")
    func tooLarge() {
        var told = collector(200)
        #expect(take("Content-Length: 11\r\n", &told) == true)
        #expect(take("\r\n", &told) == false)
        #expect(told.state == .tooLarge)
        var shown = collector(200)
        #expect(take("\r\n", &shown) == true)
        #expect(take(bytes: 10, &shown) == true)
        #expect(take(bytes: 1, &shown) == false)
        #expect(shown.state == .tooLarge)
    }

    @Test("is not measured by its Content-Length where there is no body, as after HEAD")
    func withoutBody() {
        var collector = collector(200, hasBody: false)
        #expect(take("Content-Length: 1000000\r\n", &collector) == true)
        #expect(take("\r\n", &collector) == true)
        #expect(collector.state == .arriving)
    }

    @Test("is read to 64 KiB where it is an error, whatever it says of its length")
    func errors() {
        var collector = collector(403)
        #expect(take("Content-Length: 100000000\r\n", &collector) == true)
        #expect(take("\r\n", &collector) == true)
        #expect(take(bytes: 60 << 10, &collector) == true)
        #expect(take(bytes: 10 << 10, &collector) == false)
        #expect(collector.state == .cutOff && collector.response.body.count == 64 << 10)
    }
}
