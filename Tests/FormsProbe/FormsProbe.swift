import JSON
import NIOCore
import ResponseCache

/// Reports to the fuzzer in Tests/Forms how the gateway converts streams and answers, thousands in a second.
///
/// It reads frames from standard input and answers each with one: a length of 4 bytes, and as many bytes. A frame holds
/// cases, one after another. The answer holds for each case the values that `Case` reports, each a length and its
/// bytes, with the length 0xFFFFFFFF for a missing value. All integers are little-endian.
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
