import JSON
import NIOCore

@testable import Dialects

/// Streams of messages, as Anthropic's servers send them.
enum MessageStreams {
    /// An event whose name is the type of its data.
    static func event(_ data: String) -> String {
        let type = data.dropFirst(#"{"type":""#.count).prefix { $0 != "\"" }
        return "event: \(type)\ndata: \(data)\n\n"
    }

    static let start = event(
        #"{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":1}}}"#
    )
    static let ping = event(#"{"type":"ping"}"#)
    static let stop = event(#"{"type":"message_stop"}"#)

    static func end(_ reason: String = #""end_turn""#, usage: String = #"{"output_tokens":7}"#) -> String {
        event(
            #"{"type":"message_delta","delta":{"stop_reason":\#(reason),"stop_sequence":null},"usage":\#(usage)}"#
        )
    }

    /// A block with its deltas.
    static func block(_ index: Int, _ start: String, _ deltas: [String] = []) -> String {
        event(#"{"type":"content_block_start","index":\#(index),"content_block":\#(start)}"#)
            + deltas.map {
                event(#"{"type":"content_block_delta","index":\#(index),"delta":\#($0)}"#)
            }
            .joined() + event(#"{"type":"content_block_stop","index":\#(index)}"#)
    }

    static func text(_ index: Int, _ pieces: String...) -> String {
        block(
            index,
            #"{"type":"text","text":""}"#,
            pieces.map { #"{"type":"text_delta","text":"\#($0)"}"# }
        )
    }

    /// A whole stream of blocks.
    static func message(_ blocks: String...) -> String {
        start + ping + blocks.joined() + end() + stop
    }

    /// What was recorded of a stream, and what the progress says of it in the end.
    static func read(_ stream: String) -> (
        recording: StreamRecording, progress: StreamProgress, kinds: [StreamEventKind]
    ) {
        var recording = StreamRecording()
        var progress = StreamProgress(usageIsAsked: false)
        var kinds: [StreamEventKind] = []
        var parser = EventParser()
        parser.feed(ByteBuffer(string: stream))
        let document = JSONDocument()
        while let event = parser.next() ?? parser.remainder() {
            let kind = Anthropic.stream.read(event, &progress, document)
            kinds.append(kind)
            if kind.isRecorded { recording.add(kind, event.raw, gap: 0) }
        }
        return (recording, progress, kinds)
    }

    /// The answer in one piece.
    static func answer(_ stream: String) -> String? {
        Anthropic.stream.answer(read(stream).recording, JSONDocument()).map { String(buffer: $0) }
    }

    /// The content of the answer in one piece.
    static func content(_ blocks: String...) -> String? {
        guard let answer = answer(start + blocks.joined() + end() + stop),
            let begin = answer.firstRange(of: #""content":"#), let end = answer.firstRange(of: #","stop_reason":"#)
        else { return nil }
        return String(answer[begin.upperBound..<end.lowerBound])
    }

    /// The stream that an answer in one piece is converted to.
    static func events(_ answer: String) -> String? {
        Anthropic.stream.events(ByteBuffer(string: answer), false, JSONDocument()).map { String(buffer: $0) }
    }
}
