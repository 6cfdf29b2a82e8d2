import OpenTelemetry
import Testing

@Suite("traceparent")
struct TraceParentTests {
    private static let known = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    private func read(_ text: some Collection<UInt8>) -> TraceParent? {
        Array(text).withUnsafeBytes { TraceParent($0) }
    }

    @Test("is read and written as the specification's example has it")
    func example() throws {
        let parent = try #require(read(Self.known.utf8))
        #expect(parent.traceID == TraceID(high: 0x0af7_6519_16cd_43dd, low: 0x8448_eb21_1c80_319c))
        #expect(parent.spanID == SpanID(0xb7ad_6b71_6920_3331) && parent.isSampled)
        #expect(String(decoding: parent.bytes, as: UTF8.self) == Self.known)
    }

    @Test("of a later version is read as far as this version goes, and passed on as this version")
    func laterVersions() throws {
        for text in ["cc" + Self.known.dropFirst(2), "cc" + Self.known.dropFirst(2) + "-what-the-future-brings"] {
            let parent = try #require(read(text.utf8))
            #expect(String(decoding: parent.bytes, as: UTF8.self) == Self.known)
        }
    }

    @Test(
        "has flags of which only the two that have a meaning are passed on",
        arguments: ["00", "01", "02", "03", "ff"]
    )
    func flags(text: String) throws {
        let parent = try #require(read((Self.known.dropLast(2) + text).utf8))
        let number = try #require(UInt8(text, radix: 16))
        #expect(parent.flags == number & 3 && parent.isSampled == (number & 1 == 1))
        #expect(read(parent.bytes) == parent)
    }

    @Test(
        "that is malformed is none",
        arguments: [
            "", "00", "00-", known.dropLast() + "", known + "0", known + "-", known + "-00", " " + known, known + " ",
            "ff" + known.dropFirst(2), "0x" + known.dropFirst(2), "cc" + known.dropFirst(2) + ".what",
            known.uppercased(), "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331_01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333z-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0g",
            "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-é",
            String(repeating: "0", count: 100_000),
        ]
    )
    func malformed(text: String) {
        #expect(read(text.utf8) == nil)
    }

    @Test("never traps, whatever the bytes are")
    func anything() {
        var random = SystemRandomNumberGenerator()
        let template = Array(Self.known.utf8)
        for _ in 0..<20_000 {
            var bytes = template
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = .random(in: .min ... .max, using: &random)
            }
            if Bool.random() { bytes.removeLast(Int.random(in: 0...bytes.count, using: &random)) }
            if let parent = read(bytes) { #expect(read(parent.bytes) == parent) }
        }
    }
}

@Suite("tracestate")
struct TraceStateTests {
    private func read(_ values: String...) -> String? {
        TraceState(values.map { Array($0.utf8) }).map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    @Test("is passed on with its members in order, from one field or several")
    func members() {
        #expect(read("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE") == "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE")
        #expect(read("rojo=1", "congo=2") == "rojo=1,congo=2")
        #expect(read(" rojo=1 ,\t,, congo=2\t") == "rojo=1,congo=2")
        #expect(read("fw529a3039@dt=FfAAAAAA", "0a*/_-@b=!~ #") == "fw529a3039@dt=FfAAAAAA,0a*/_-@b=!~ #")
    }

    @Test(
        "is discarded as a whole where anything is wrong with it",
        arguments: [
            "", " ", ",", "rojo", "=1", "rojo=1,Congo=2", "rojo=1,rojo=2", "rojo=a=b", "rojo=\u{7F}", "rojo=é",
            "0rojo=1", "a@b@c=1", "a@0b=1", "@b=1", "a@=1", "a b=1", "rojo=\u{1}",
            "a@" + String(repeating: "b", count: 15) + "=1", String(repeating: "a", count: 257) + "=1",
            "a=" + String(repeating: "b", count: 257),
            (0...32).map { "k\($0)=1" }.joined(separator: ","),
            (0..<20).map { "k\($0)=" + String(repeating: "v", count: 200) }.joined(separator: ","),
        ]
    )
    func malformed(text: String) {
        #expect(read(text) == nil)
    }

    @Test("may have 32 members and 512 bytes")
    func limits() {
        let members = (0..<32).map { "k\($0)=12345678901" }.joined(separator: ",")
        #expect(members.utf8.count >= 500 && read(members) == members)
    }
}

@Suite("The sampler")
struct SamplerTests {
    private let id = TraceID(high: 1, low: 0x8000_0000_0000_0000)

    private func parent(_ flags: UInt8) -> TraceParent? {
        guard let id, let span = SpanID(5) else { return nil }
        return TraceParent(traceID: id, spanID: span, flags: flags)
    }

    @Test("follows the client where it is based on the parent, and another rule where a trace begins here")
    func parents() throws {
        let id = try #require(id)
        #expect(TraceSampler.parentBased(.none).records(id, parent: parent(1)))
        #expect(!TraceSampler.parentBased(.all).records(id, parent: parent(0)))
        #expect(TraceSampler.parentBased(.all).records(id, parent: nil))
        #expect(!TraceSampler.parentBased(.none).records(id, parent: nil))
        #expect(TraceSampler.all.records(id, parent: parent(0)) && !TraceSampler.none.records(id, parent: parent(1)))
    }

    @Test("records its share of traces, by their ids", arguments: [0, 0.1, 0.5, 0.9, 1])
    func shares(share: Double) throws {
        var random = SystemRandomNumberGenerator()
        let count = (0..<10_000).count { _ in
            TraceSampler.ratio(share).records(.random(using: &random), parent: nil)
        }
        #expect(abs(Double(count) / 10_000 - share) < 0.05)
        let low = try #require(TraceID(high: 0, low: 1))
        #expect(TraceSampler.ratio(share).records(low, parent: nil) == (share > 0))
        let high = try #require(TraceID(high: 0, low: .max))
        #expect(TraceSampler.ratio(share).records(high, parent: nil) == (share == 1))
    }
}
