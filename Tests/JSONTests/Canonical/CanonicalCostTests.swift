import NIOCore
import Testing

@testable import JSON

/// How much is written for hostile bodies, which is counted and not timed.
@Suite struct CanonicalCostTests {
    private func canonicalLength(_ body: [UInt8]) throws -> Int {
        let document = JSONDocument()
        try document.parse(ByteBuffer(bytes: body))
        var encoder = CanonicalEncoder()
        var out = Scratch<UInt8>(initial: 64, kept: 64)
        document.withTape { nodes, bytes in encoder.encode(0, of: nodes, bytes, to: &out) }
        return out.count
    }

    @Test("A long text costs the same at the top and under 128 levels") func nesting() throws {
        let text = [UInt8](repeating: 0x61, count: 8 << 20)
        let flat = try canonicalLength([0x22] + text + [0x22])
        let opening = [UInt8](String(repeating: "{\"a\":", count: 128).utf8)
        let deep = try canonicalLength(opening + [0x22] + text + [0x22] + [UInt8](repeating: 0x7D, count: 128))
        #expect(flat == text.count + 2)
        #expect(deep == flat + 128 * 5)
    }

    @Test("No value is written longer than 19 bytes more than its source") func expansion() throws {
        for element in ["1", "\"\"", "[]", "{}", "1e99999999999999999999", "-0", "null", #""\u0000""#] {
            for count in [1, 1_000, 50_000] {
                let body = Array(("[" + Array(repeating: element, count: count).joined(separator: ",") + "]").utf8)
                #expect(try canonicalLength(body) <= body.count + count * 19)
            }
        }
    }

    @Test("Sorting compares n log n times, whatever the order of the names") func sorting() throws {
        for order in [Array(0..<20_000), Array((0..<20_000).reversed()), (0..<20_000).map { $0 &* 7_919 % 20_011 }] {
            let body = "{" + order.map { "\"\($0 + 100_000)\":0" }.joined(separator: ",") + "}"
            let document = try document(body)
            #expect(document.comparisons <= 20_000 * 15)
            // The members were sorted.
            var names: [String] = []
            document.withTape { nodes, bytes in
                var name = nodes[0].firstName
                while name != 0 {
                    let text = nodes[Int(name)].text(in: bytes)
                    names.append(
                        String(decoding: UnsafeBufferPointer(start: text.bytes, count: text.count), as: UTF8.self)
                    )
                    name = nodes[Int(name)].next
                }
            }
            #expect(names == order.map { "\($0 + 100_000)" }.sorted())
        }
    }

    @Test("What a huge body needed is given back") func memory() throws {
        let document = JSONDocument()
        var body = [UInt8](repeating: 0x2C, count: 600_001)
        for index in stride(from: 1, to: body.count - 1, by: 2) { body[index] = 0x31 }
        (body[0], body[body.count - 1]) = (0x5B, 0x5D)
        try document.parse(ByteBuffer(bytes: body))
        #expect(document.keptNodes > 1 << 16)
        document.reset()
        #expect(document.keptNodes == 1 << 16)
    }
}
