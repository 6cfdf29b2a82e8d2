import Dialects
import JSON
import NIOCore
import ResponseCache
import Testing

@testable import Gateway

@Suite("Why a stream is no answer")
struct StreamFailureTests {
    private func failure(_ data: String) -> (status: Int, body: String) {
        let pieces = [
            FlightPiece(.chunk, ByteBuffer(string: "data: {}\n\n")),
            FlightPiece(.error, ByteBuffer(string: "event: error\ndata: \(data)\n\n")),
            FlightPiece(.error, ByteBuffer(string: "data: {\"error\":{\"message\":\"later\",\"code\":418}}\n\n")),
        ]
        let failure = StreamFailure(of: pieces, OpenAI.errors, with: JSONDocument())
        return (failure.status, String(buffer: failure.body))
    }

    @Test(
        "is told by the first event that tells it, as it stands, with the status that it names or that is usual",
        arguments: [
            (#"{"message":"no","code":404}"#, 404), (#"{"message":"no","status":"429"}"#, 429),
            (#"{"message":"no","code":null,"type":"rate_limit_error"}"#, 429),
            (#"{"message":"no","code":"rate_limit_exceeded","type":"requests"}"#, 429),
            (#"{"message":"no","code":200,"type":"server_error"}"#, 500), (#"{"message":"no","code":600}"#, 502),
            (#"{"message":"no","code":"9e99999"}"#, 502), (#"{"message":"no","code":[]}"#, 502),
        ]
    )
    func told(error: String, status: Int) {
        let (wrapped, bare) = (failure(#"{"error":\#(error),"choices":[]}"#), failure(error))
        #expect(wrapped.status == status && bare.status == status)
        #expect(wrapped.body == #"{"error":\#(error)}"# && bare.body == wrapped.body)
    }

    @Test(
        "is 502 where no event tells one that could be passed on",
        arguments: [
            "nonsense", "[]", "{}", #"{"error":null}"#, #"{"error":{}}"#, #"{"error":5}"#, #"{"choices":[null]}"#,
        ]
    )
    func untold(data: String) {
        let failure = failure(data)
        #expect(failure.status == 502 && failure.body.contains("upstream_error"), "\(failure.body)")
    }

    @Test("is 502 where it ended before it was whole, or said no more than a text")
    func early() {
        let early = StreamFailure(
            of: [FlightPiece(.chunk, ByteBuffer(string: "data: {}\n\n"))],
            OpenAI.errors,
            with: JSONDocument()
        )
        #expect(early.status == 502 && String(buffer: early.body).contains("upstream_closed_early"))
        let text = failure(#"{"error":"say \"no\""}"#)
        #expect(text.status == 502 && text.body.contains(#""message":"say \"no\"""#))
    }

    @Test(
        "is nothing that failed where events cannot be read, unless another one tells a failure or the end is missing"
    )
    func unreadable() {
        func failure(_ events: [(StreamEventKind, String)]) -> StreamFailure {
            StreamFailure(
                of: events.map { FlightPiece($0.0, ByteBuffer(string: "data: \($0.1)\n\n")) },
                OpenAI.errors,
                with: JSONDocument()
            )
        }
        let half = #"{"choices":[{"delta":{"content":"\ud83d"}}]}"#
        for event in ["nonsense", half] {
            #expect(failure([(.error, event), (.done, "[DONE]")]).isUnreadable)
            #expect(!failure([(.error, event)]).isUnreadable)
            let told = failure([
                (.error, event), (.error, #"{"error":{"message":"no","code":429}}"#), (.done, "[DONE]"),
            ])
            #expect(!told.isUnreadable && told.status == 429)
        }
    }
}
