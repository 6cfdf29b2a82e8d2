import JSON
import JSONReference
import NIOCore
import SeededRandom
import Testing

@Suite struct CanonicalFormTests {
    private func canonicalForm(of body: JSONDocument, with writer: CanonicalWriter) throws -> [UInt8] {
        defer { writer.reset() }
        writer.append(try #require(body.root), of: body)
        return Array(writer.bytes)
    }

    @Test("Bodies have one canonical form exactly if the oracle reads one value from them", arguments: 0..<8)
    func generatedPairs(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let writer = CanonicalWriter()
        let body = JSONDocument()
        func form(_ text: String) throws -> [UInt8] {
            try body.parse(ByteBuffer(string: text))
            return try canonicalForm(of: body, with: writer)
        }
        var different = 0
        for round in 0..<1_000 {
            let model = BodyModel.object(depth: 4, using: &random)
            let one = model.spelled(using: &random)
            let other = model.spelled(using: &random)
            let changed = model.changed(using: &random).spelled(using: &random)
            let values = try [one, other, changed].map { try JSONOracle.read(Array($0.utf8)) }
            #expect(values[0] == values[1], "the oracle, seed \(seed), round \(round): \(one) and \(other)")
            #expect(try form(one) == form(other), "seed \(seed), round \(round): \(one) and \(other)")
            if values[0] != values[2] { different += 1 }
            #expect(
                try (form(one) == form(changed)) == (values[0] == values[2]),
                "seed \(seed), round \(round): \(one) and \(changed)"
            )
        }
        #expect(different > 600, "too few pairs differ to prove anything")
    }

    @Test("A member that is left out makes no difference, wherever it stands, and only that member does") func leftOut()
        throws
    {
        let writer = CanonicalWriter()
        func form(_ text: String, leavingOut names: [StaticString] = []) throws -> [UInt8] {
            let body = try document(text)
            let root = try #require(body.root)
            for name in names { body.leaveOut(memberWithValue: try #require(body.member(name, of: root))) }
            return try canonicalForm(of: body, with: writer)
        }
        let rest = try form(#"{"b":{"a":1}}"#)
        #expect(try form(#"{"a":[{"x":2}],"b":{"a":1}}"#, leavingOut: ["a"]) == rest)
        #expect(try form(#"{"c":"t","b":{"a":1},"a":null}"#, leavingOut: ["a", "c"]) == rest)
        #expect(try form("{}") == form(#"{"a":1}"#, leavingOut: ["a"]))
        #expect(try form(#"{"b":{}}"#) != rest)
    }

    @Test("A text ends where its end is marked, because no character is written with that byte") func ends() throws {
        let writer = CanonicalWriter()
        for unit in 0...0xFFFF {
            let digits = String(unit, radix: 16)
            let escape = "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            guard let body = try? document("\"\(escape)\"") else { continue }
            let form = try canonicalForm(of: body, with: writer)
            #expect(form.firstIndex(of: 0xFF) == form.count - 1, "\(escape)")
        }
        let invalid: [UInt8] = [0x22, 0xFF, 0x22]
        #expect(throws: JSONError.self) { try JSONDocument().parse(ByteBuffer(bytes: invalid)) }
    }

    @Test("A new body leaves nothing out, and a node of another body changes nothing") func anotherBody() throws {
        let writer = CanonicalWriter()
        let body = try document(#"{"a":1}"#)
        let stale = try #require(body.root.flatMap { body.member("a", of: $0) })
        let whole = try canonicalForm(of: body, with: writer)
        body.leaveOut(memberWithValue: stale)
        #expect(try canonicalForm(of: body, with: writer) != whole)
        try body.parse(ByteBuffer(string: #"{"a":1}"#))
        body.leaveOut(memberWithValue: stale)
        #expect(try canonicalForm(of: body, with: writer) == whole)
    }
}
