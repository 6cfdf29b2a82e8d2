import JSONReference
import SeededRandom
import Testing

@testable import JSON

@Suite struct JSONFuzzTests {
    static let bodies = [
        #"{"model":"gpt-4o","messages":[{"role":"user","content":"Hi \u00e9\ud83d\ude00 there"}],"temperature":0.7e-1}"#,
        #"[1, -0.5, 1e+10, true, false, null, "", {}, [], {"a": {"b": [[]]}}]"#,
        "{\"caf\u{E9}\":\"\u{65E5}\u{672C}\u{8A9E} \u{1F600}\",\"q\\\"\\\\\":\"\\n\\t\"}",
    ].map { Array($0.utf8) }

    @Test("No beginning of a valid body is accepted, and none is read beyond its end") func truncation() {
        let document = JSONDocument()
        for body in Self.bodies {
            #expect(parse(body, with: document) == nil)
            for length in 0..<body.count {
                let error = parse(Array(body[..<length]), with: document)
                #expect(error != nil, "the first \(length) bytes")
                #expect((error?.offset ?? 0) <= length)
                #expect(document.root == nil)
            }
        }
    }

    @Test("Random changes to valid bodies are judged as the oracle judges them", arguments: 0..<8)
    func mutation(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let document = JSONDocument()
        let alphabet = Array("{}[]\",:\\ue0123-+.Ettrn \n".utf8) + [0x00, 0x1F, 0x7F, 0x80, 0xC3, 0xED, 0xF0, 0xFF]
        for round in 0..<2_500 {
            var body = Self.bodies[Int.random(in: 0..<Self.bodies.count, using: &random)]
            for _ in 0...Int.random(in: 0..<3, using: &random) {
                let at = Int.random(in: 0..<body.count, using: &random)
                let byte = alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
                switch Int.random(in: 0..<4, using: &random) {
                case 0: body[at] = byte
                case 1: body.insert(byte, at: at)
                case 2: body.remove(at: at)
                default: body.swapAt(at, Int.random(in: 0..<body.count, using: &random))
                }
            }
            let error = parse(body, with: document)
            #expect((error == nil) == JSONOracle.accepts(body), "seed \(seed), round \(round): \(body)")
            #expect((error?.path.utf8.count ?? 0) <= JSONPath.longest)
        }
    }
}
