import Dialects
import JSON
import NIOCore
import ResponseCache
import Testing

@testable import Gateway

@Suite("A stream that is taken in")
struct StreamIntakeTests {
    private static let events = [
        #"data: {"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}]}"#,
        ": a comment",
        #"data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
        #"data: {"choices":[],"usage":{"total_tokens":1}}"#,
        "data: [DONE]",
    ]

    private func stream(_ lineEnd: String, comments: Bool = true) -> [UInt8] {
        Array(
            Self.events.filter { comments || !$0.hasPrefix(":") }.map { $0 + lineEnd + lineEnd }.joined().utf8
        )
    }

    /// What is passed on, and what is recorded.
    private func take(_ pieces: [[UInt8]]) -> (passedOn: [UInt8], recorded: [UInt8]?, kinds: [StreamEventKind]) {
        let intake = StreamIntake(
            OpenAI.stream,
            usageIsAsked: false,
            began: .now(),
            limit: 1 << 20,
            document: JSONDocument()
        )
        var recorded: [UInt8]?
        var passedOn: [FlightPiece] = []
        for piece in pieces {
            passedOn += intake.take(ByteBuffer(bytes: piece), at: .now())
            // As a flight does: what is whole is stored at once.
            if recorded == nil { recorded = intake.whole.map { Array($0.bytes.readableBytesView) } }
        }
        if let piece = intake.end(at: .now()) { passedOn.append(piece) }
        return (passedOn.flatMap { Array($0.bytes.readableBytesView) }, recorded, passedOn.map(\.kind))
    }

    @Test("is passed on and recorded byte for byte, wherever its line ends are cut", arguments: ["\n", "\r\n", "\r"])
    func lineEnds(lineEnd: String) {
        let bytes = stream(lineEnd)
        let recording = stream(lineEnd, comments: false)
        #expect(take([bytes]).recorded == recording)
        for cut in 0...bytes.count {
            let taken = take([Array(bytes[..<cut]), Array(bytes[cut...])])
            #expect(taken.passedOn == bytes, "cut at \(cut)")
            #expect(taken.recorded == recording, "cut at \(cut)")
        }
        let single = take(bytes.map { [$0] })
        #expect(single.passedOn == bytes)
        #expect(single.recorded == recording)
    }
}
