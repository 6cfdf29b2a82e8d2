import Foundation
import HTTPSyntax
import NIOCore
import Testing

@testable import Gateway

@Suite("Responses")
struct ResponseTests {
    @Test("The date is RFC 9110's example at its second, and made anew for another second")
    func dates() {
        #expect(HTTPDate.format(784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
        var field = DateField()
        let (first, second) = (field.text(at: 0), field.text(at: 86_400))
        #expect(first == Array("Thu, 01 Jan 1970 00:00:00 GMT".utf8))
        #expect(second == Array("Fri, 02 Jan 1970 00:00:00 GMT".utf8))
    }

    @Test("An error is JSON with all four members, whatever its message holds")
    func errorJSON() throws {
        let nasty = "quote \" backslash \\ line\nfeed \u{0} \u{1F} \u{2028} 🙂 \u{7F}"
        let error = APIError.invalidRequest(nasty, parameter: "messages[0]", code: nil)
        let parsed = try JSONSerialization.jsonObject(with: Data(error.json.utf8)) as? [String: [String: Any]]
        let members = try #require(parsed?["error"])
        #expect(members["message"] as? String == nasty)
        #expect(members["type"] as? String == "invalid_request_error")
        #expect(members["param"] as? String == "messages[0]")
        #expect(members["code"] is NSNull)
        #expect(members.count == 4)
    }

    @Test("A response head is what RFC 9112 asks for")
    func head() {
        let writer = ResponseWriter(allocator: ByteBufferAllocator())
        writer.begin(200, date: [])
        writer.begin(404, date: Array("D".utf8))
        writer.contentType("text/plain")
        writer.field("allow", "GET")
        writer.contentLength(2)
        writer.requestID(0x0123_4567_89AB_CDEF)
        var response = writer.end(room: 2)
        response.writeString("hi")
        #expect(
            String(buffer: response)
                == "HTTP/1.1 404 Not Found\r\ndate: D\r\ncontent-type: text/plain\r\nallow: GET\r\n"
                + "content-length: 2\r\nx-request-id: 0123456789abcdef\r\n\r\nhi"
        )
    }

    @Test("Request identifiers differ")
    func requestIDs() {
        var ids = RequestIDs()
        #expect(Set((0..<1_000).map { _ in ids.next() }).count == 1_000)
    }
}
