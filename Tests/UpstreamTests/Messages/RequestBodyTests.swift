import NIOCore
import Testing

@testable import Upstream

@Suite("A request body")
struct RequestBodyTests {
    private func render(_ body: RequestBody, model: String?) -> String {
        var output = ByteBuffer()
        let literal = model.map { Array($0.utf8) }
        body.render(model: literal, into: &output)
        // The body is the same when it is sent in pieces.
        var pieces = ByteBuffer()
        for piece in body.pieces(model: literal) { pieces.writeImmutableBuffer(piece) }
        #expect(pieces == output)
        #expect(output.readableBytes == body.count(model: literal))
        return String(buffer: output)
    }

    @Test("is the bytes as they arrived, with the model and any other parts replaced, in any order")
    func splices() {
        var source = ByteBuffer(string: "??0123456789")
        source.moveReaderIndex(forwardBy: 2)
        var body = RequestBody(source, modelLiteral: 4..<6)
        #expect(body.replace(8..<10, with: ByteBuffer(string: "")) == true)
        #expect(body.replace(0..<1, with: ByteBuffer(string: "abc")) == true)
        #expect(render(body, model: "M") == "abc123M67")
        #expect(render(body, model: nil) == "abc1234567")
    }

    @Test("refuses replacements that overlap or lie outside")
    func refused() {
        var body = RequestBody(ByteBuffer(string: "0123456789"), modelLiteral: 4..<6)
        for range in [3..<5, 5..<7, 4..<6, 0..<11, 10..<12, -1..<2] {
            #expect(body.replace(range, with: ByteBuffer(string: "x")) == false)
        }
        #expect(render(body, model: "M") == "0123M6789")
        #expect(render(RequestBody(ByteBuffer(string: "01"), modelLiteral: 0..<9), model: "M") == "01")
    }

    @Test("accepts replacements that touch")
    func neighbours() {
        var body = RequestBody(ByteBuffer(string: "0123456789"), modelLiteral: 4..<6)
        #expect(body.replace(2..<4, with: ByteBuffer(string: "x")) == true)
        #expect(body.replace(6..<8, with: ByteBuffer(string: "y")) == true)
        #expect(render(body, model: "M") == "01xMy89")
    }

    @Test("may get a model at the end of its object, behind what is cut out there")
    func appended() {
        for (source, cut, afterMembers, expected) in [
            (#"{"a":1}"#, nil, true, #"{"a":1,"model":"M"}"#), ("{}", nil, false, #"{"model":"M"}"#),
            (#"{"a":1,"c":2}"#, 6..<12, true, #"{"a":1,"model":"M"}"#), (#"{"c":2}"#, 1..<6, false, #"{"model":"M"}"#),
        ] as [(String, Range<Int>?, Bool, String)] {
            var body = RequestBody(ByteBuffer(string: source), modelLiteral: nil)
            body.appendModel(at: source.utf8.count - 1, afterMembers: afterMembers)
            if let cut { #expect(body.replace(cut, with: ByteBuffer()) == true) }
            #expect(render(body, model: #""M""#) == expected)
        }
    }

    @Test("that is no JSON may name the model as it is")
    func text() {
        var body = RequestBody(ByteBuffer(string: "name=old&x"), modelLiteral: nil)
        body.replaceModel(5..<8)
        #expect(render(body, model: #""newer""#) == "name=newer&x" && render(body, model: nil) == "name=old&x")
    }
}
