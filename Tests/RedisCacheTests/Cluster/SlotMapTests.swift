import Testing

@testable import RedisCache

@Suite("The layout of a cluster")
struct SlotMapTests {
    private static let asked = RedisEndpoint.tcp(host: "seed", port: 7000)

    private func map(_ text: String) throws -> SlotMap? {
        let reply = try #require(try ReplyReader().first(Array(text.utf8)))
        defer { reply.free() }
        return SlotMap(reply, asked: Self.asked)
    }

    private func range(_ first: Int, _ last: Int, _ host: String, _ port: Int) -> String {
        "*3\r\n:\(first)\r\n:\(last)\r\n*3\r\n$\(host.utf8.count)\r\n\(host)\r\n:\(port)\r\n$2\r\nid\r\n"
    }

    @Test("is read from CLUSTER SLOTS, an empty host being the one that was asked")
    func reading() throws {
        let map = try #require(
            try map("*3\r\n" + range(0, 100, "a", 1) + range(101, 16382, "", 2) + range(16383, 16383, "?", 3))
        )
        #expect(map[0] == .tcp(host: "a", port: 1))
        #expect(map[100] == .tcp(host: "a", port: 1))
        #expect(map[101] == .tcp(host: "seed", port: 2))
        #expect(map[16383] == .tcp(host: "seed", port: 3))
        #expect(map[16384] == nil && map[-1] == nil)
        #expect(map.isComplete && map.nodes.count == 3)
    }

    @Test("changes slot by slot, and leaves unknown what nobody serves")
    func assigning() throws {
        var map = try #require(try map("*1\r\n" + range(5, 9, "a", 1)))
        #expect(map[4] == nil && !map.isComplete)
        map.assign(7...7, to: .tcp(host: "b", port: 1))
        #expect(map[6] == .tcp(host: "a", port: 1) && map[7] == .tcp(host: "b", port: 1))
        map.assign(16000...99999, to: .tcp(host: "b", port: 1))
        #expect(map[16383] == .tcp(host: "b", port: 1))
    }

    @Test(
        "is not made of nonsense",
        arguments: [
            "*0\r\n", "+OK\r\n", "*1\r\n:1\r\n", "*1\r\n*3\r\n:9\r\n:5\r\n*2\r\n$1\r\na\r\n:1\r\n",
            "*1\r\n*3\r\n:0\r\n:16384\r\n*2\r\n$1\r\na\r\n:1\r\n", "*1\r\n*3\r\n:0\r\n:1\r\n*2\r\n$1\r\na\r\n:0\r\n",
            "*1\r\n*2\r\n:0\r\n:1\r\n",
        ]
    )
    func nonsense(text: String) throws { #expect(try map(text) == nil) }

    @Test("is not made of names that no host has, of slots given away many times over, or of more nodes than there are")
    func bounds() throws {
        for host in ["\u{301}", "a b", "a\r\n", String(repeating: "a", count: 256)] {
            #expect(try map("*1\r\n" + range(0, 1, host, 1)) == nil, "\(host.prefix(10))")
        }
        #expect(try map("*3\r\n" + (0..<3).map { range(0, 16383, "a", $0 + 1) }.joined()) == nil)
        #expect(try map("*1001\r\n" + (0..<1_001).map { range($0, $0, "a", $0 + 1) }.joined()) == nil)
        #expect(try map("*1000\r\n" + (0..<1_000).map { range($0, $0, "a", $0 + 1) }.joined())?.nodes.count == 1_000)
        var map = SlotMap()
        for port in 1...1_000 { #expect(map.assign(0...0, to: .tcp(host: "a", port: UInt16(port))) == true) }
        #expect(map.assign(0...0, to: .tcp(host: "b", port: 1)) == false)
    }
}
