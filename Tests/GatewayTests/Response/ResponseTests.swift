import Dialects
import Foundation
import HTTPSyntax
import NIOCore
import ResponseCache
import Testing

@testable import Gateway
@testable import Upstream

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
        let body = OpenAI.errors.body(error.report)
        let parsed = try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: [String: Any]]
        let members = try #require(parsed?["error"])
        #expect(members["message"] as? String == nasty)
        #expect(members["type"] as? String == "invalid_request_error")
        #expect(members["param"] as? String == "messages[0]")
        #expect(members["code"] is NSNull)
        #expect(members.count == 4)
        let plain = #"{"error":{"message":"m","type":"server_error","param":null,"code":"internal_error"}}"#
        #expect(OpenAI.errors.body(APIError.internalFailure("m").report) == plain)
    }

    @Test("A response head is what RFC 9112 asks for")
    func head() {
        let writer = ResponseWriter(allocator: ByteBufferAllocator())
        func written(_ head: borrowing ResponseHead, _ persistence: ResponseWriter.Persistence) -> String {
            var bytes = writer.write(head, persistence, id: .own(0x0123_4567_89AB_CDEF), date: Array("D".utf8), room: 2)
            bytes.writeString("hi")
            return String(buffer: bytes)
        }
        #expect(
            written(ResponseHead(404, .type("text/plain"), framing: .length(2), fields: [("allow", "GET")]), .closes)
                == "HTTP/1.1 404 Not Found\r\ndate: D\r\nconnection: close\r\nallow: GET\r\ncontent-type: text/plain\r\n"
                + "content-length: 2\r\nx-request-id: 0123456789abcdef\r\nx-litellm-call-id: 0123456789abcdef\r\n\r\nhi"
        )
        let fields = AnswerFields([("Content-Type", "application/json"), ("X-Request-ID", "theirs"), ("a", "b")])
        #expect(
            written(
                ResponseHead(
                    200,
                    .converted(fields, type: "text/event-stream"),
                    framing: .chunked,
                    cacheStatus: CacheStatus(.forwarded(.miss))
                ),
                .stated
            )
                == "HTTP/1.1 200 OK\r\ndate: D\r\nconnection: keep-alive\r\nllm_provider-x-request-id: theirs\r\na: b\r\n"
                + "content-type: text/event-stream\r\ntransfer-encoding: chunked\r\ncache-status: gateway; fwd=miss\r\n"
                + "x-request-id: 0123456789abcdef\r\nx-litellm-call-id: 0123456789abcdef\r\n\r\nhi"
        )
        #expect(
            written(ResponseHead(200, .fields(fields), framing: .untilClose), .implied)
                == "HTTP/1.1 200 OK\r\ndate: D\r\nContent-Type: application/json\r\nllm_provider-x-request-id: theirs\r\n"
                + "a: b\r\nx-request-id: 0123456789abcdef\r\nx-litellm-call-id: 0123456789abcdef\r\n\r\nhi"
        )
        #expect(
            written(ResponseHead(204, .none, framing: .headOnly, fields: [("allow", "POST")]), .implied)
                == "HTTP/1.1 204 No Content\r\ndate: D\r\nallow: POST\r\nx-request-id: 0123456789abcdef\r\n"
                + "x-litellm-call-id: 0123456789abcdef\r\n\r\nhi"
        )
    }
}
