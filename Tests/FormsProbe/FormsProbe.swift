import JSON
import NIOCore
import ResponseCache

/// Tells what the gateway's conversions make of streams and answers, thousands in a second, for the fuzzer in Tests/Forms.
///
/// It reads frames from standard input and answers each with one: a length of 4 bytes, and as many bytes. A frame holds cases,
/// one behind the other; the answer holds for each case the values that `Case` tells, each a length and its bytes, with the
/// length 0xFFFFFFFF for one that there is not. All integers are little-endian.
@main
enum FormsProbe {
    static func main() {
        let document = JSONDocument()
        while var frame = StandardStreams.readFrame() {
            var answer = ByteBuffer()
            while let next = Case(from: &frame) { next.answer(into: &answer, with: document) }
            guard frame.readableBytes == 0, StandardStreams.writeFrame(answer) else { return }
        }
    }
}
