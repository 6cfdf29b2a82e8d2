import JSON
import NIOCore
import Testing

@testable import Dialects

@Suite("The stream of a message")
struct MessageEventReadingTests {
    private typealias Streams = MessageStreams

    private func verdict(_ stream: String) -> (isWhole: Bool, isStored: Bool) {
        let progress = Streams.read(stream).progress
        return (progress.isWhole, progress.isWhole && !progress.isUnfit && !progress.isAmbiguous)
    }

    @Test("is whole with message_stop, and has pings that belong to no recording, wherever they are")
    func whole() {
        let pieces = [Streams.start, Streams.text(0, "a"), Streams.text(1), Streams.end(), Streams.stop]
        let read = Streams.read(Streams.ping + pieces.joined(separator: Streams.ping))
        #expect(read.progress.isWhole && !read.progress.isUnfit && !read.progress.isAmbiguous)
        #expect(read.kinds.filter { $0 == .comment }.count == 5 && read.kinds.last == .done)
        #expect(read.recording.bytes == ByteBuffer(string: pieces.joined()), "the events are kept byte for byte")
    }

    @Test("is not whole without its end, or with a block that did not end")
    func cut() {
        #expect(!verdict(Streams.start + Streams.text(0, "a") + Streams.end()).isWhole)
        let open = Streams.event(#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#)
        #expect(!verdict(Streams.start + open + Streams.end() + Streams.stop).isWhole)
        #expect(!verdict(Streams.stop).isWhole && !verdict(Streams.end() + Streams.stop).isWhole)
    }

    @Test(
        "is stored with these reasons to stop only",
        arguments: [
            "end_turn", "stop_sequence", "tool_use", "max_tokens", "pause_turn", "refusal", "compaction",
            "model_context_window_exceeded", "END_TURN", "",
        ]
    )
    func reasons(reason: String) {
        let isFinal = ["end_turn", "stop_sequence", "tool_use", "max_tokens"].contains(reason)
        let verdict = verdict(Streams.start + Streams.text(0, "a") + Streams.end("\"\(reason)\"") + Streams.stop)
        #expect(verdict == (true, isFinal))
    }

    @Test("is passed on whole, and not stored, if it has no reason to stop or no content")
    func unfit() {
        #expect(verdict(Streams.start + Streams.text(0, "a") + Streams.stop) == (true, false))
        #expect(verdict(Streams.start + Streams.text(0, "a") + Streams.end("null") + Streams.stop) == (true, false))
        #expect(verdict(Streams.start + Streams.end() + Streams.stop) == (true, false))
        let later = Streams.end() + Streams.end(#""pause_turn""#) + Streams.stop
        #expect(verdict(Streams.start + Streams.text(0, "a") + later) == (true, false), "the last reason counts")
    }

    @Test(
        "fails with an error event, and with what is no event",
        arguments: [
            "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"m\"}}\n\n",
            "data: {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"m\"}}\n\n",
            "event: error\ndata: x\n\n",
            "data: x\n\n", "data: []\n\n", "data: [DONE]\n\n",
        ]
    )
    func failures(event: String) {
        let read = Streams.read(Streams.start + Streams.text(0, "a") + event + Streams.end() + Streams.stop)
        #expect(!read.progress.isWhole && read.kinds.contains(.error))
    }

    @Test("is not stored if an event has two members of one name")
    func repeated() {
        let delta = #"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a","text":"b"}}"#
        let blocks =
            Streams.event(#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#)
            + Streams.event(delta) + Streams.event(#"{"type":"content_block_stop","index":0}"#)
        #expect(verdict(Streams.message(blocks)) == (true, false))
    }

    @Test("reads the same if each byte of it arrives by itself")
    func divided() {
        let stream = Streams.message(Streams.text(0, "é😀", "\\ud83d\\ude00 and more"))
        var parser = EventParser()
        var progress = StreamProgress(usageIsAsked: false)
        var recording = StreamRecording()
        let document = JSONDocument()
        for byte in stream.utf8 {
            parser.feed(ByteBuffer(bytes: [byte]))
            while let event = parser.next() {
                let kind = Anthropic.stream.read(event, &progress, document)
                if kind.isRecorded { recording.add(kind, event.raw, gap: 0) }
            }
        }
        #expect(progress.isWhole && !progress.isUnfit && !progress.isAmbiguous)
        #expect(recording == Streams.read(stream).recording)
    }

    @Test("reads the same with CRLF, with CR, with data in several lines and with padded events")
    func lineEnds() {
        let stream = Streams.message(Streams.text(0, "a\\u00e9", "b"))
        let expected = Streams.answer(stream)
        #expect(expected != nil)
        for end in ["\r\n", "\r"] { #expect(Streams.answer(stream.replacing("\n", with: end)) == expected) }
        #expect(Streams.answer(stream.replacing(#""delta":"#, with: "\"delta\":\ndata: ")) == expected)
        #expect(Streams.answer(stream.replacing("}\n\n", with: "       }\n\n")) == expected)
    }
}
