import Testing

@testable import S3Cache

@Suite("The answer to a look-up")
struct LookupResultTests {
    private func result(_ status: Int, _ headers: [String], body: String = "12345") -> LookupResult {
        var read = ResponseHeaders()
        for header in headers { Array(header.utf8).withUnsafeBytes { read.take($0) } }
        let memory = ResponseBody()
        _ = Array(body.utf8).withUnsafeBytes { memory.append($0) }
        return LookupResult(HTTPResponse(status: status, headers: read, body: memory), now: 1_440_938_160)
    }

    @Test("is a hit where the object is whole and its time is not over")
    func hit() {
        #expect(result(200, ["Content-Length: 5"]) == .hit)
        #expect(result(200, []) == .hit)
        #expect(result(200, ["Expires: Sun, 30 Aug 2015 12:36:01 GMT", "Content-Length: 5"]) == .hit)
    }

    @Test("is a miss where there is no object, or its time is over")
    func miss() {
        #expect(result(404, []) == .miss)
        #expect(result(200, ["Expires: Sun, 30 Aug 2015 12:36:00 GMT"]) == .expired)
    }

    @Test("is damaged where the body has another length than was said")
    func damaged() {
        #expect(result(200, ["Content-Length: 6"]) == .damaged)
        #expect(result(200, ["Content-Length: 4"]) == .damaged)
    }
}
