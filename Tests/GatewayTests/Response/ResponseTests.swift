import Foundation
import NIOCore
import Testing

@testable import Gateway

@Suite("Responses")
struct ResponseTests {
    @Test("The date is RFC 9110's example at its second, and made anew for another second")
    func dates() {
        #expect(DateField.format(784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
        var field = DateField()
        let (first, second) = (field.text(at: 0), field.text(at: 86_400))
        #expect(String(buffer: first) == "Thu, 01 Jan 1970 00:00:00 GMT")
        #expect(String(buffer: second) == "Fri, 02 Jan 1970 00:00:00 GMT")
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
        var writer = ResponseWriter(
            status: 404,
            date: ByteBuffer(string: "D"),
            capacity: 10,
            allocator: ByteBufferAllocator()
        )
        writer.lines("content-type: text/plain\r\n")
        writer.field("allow", "GET")
        writer.contentLength(2)
        writer.endHead()
        writer.write { $0.writeString("hi") }
        #expect(
            String(buffer: writer.buffer)
                == "HTTP/1.1 404 Not Found\r\ndate: D\r\ncontent-type: text/plain\r\nallow: GET\r\n"
                + "content-length: 2\r\n\r\nhi"
        )
    }

    @Test("Request identifiers are 16 hexadecimal digits and differ")
    func requestIDs() {
        var ids = RequestIDs()
        var seen: Set<String> = []
        for _ in 0..<1_000 {
            var buffer = ByteBuffer()
            ids.writeLine(to: &buffer)
            let line = String(buffer: buffer)
            #expect(line.wholeMatch(of: /x-request-id: [0-9a-f]{16}\r\n/) != nil)
            seen.insert(line)
        }
        #expect(seen.count == 1_000)
    }
}
