import NIOCore
import Testing

@testable import Dialects

@Suite("Server-sent events")
struct EventParserTests {
    /// The data of each event, however the bytes are divided. It is nil for a block without data.
    private func parse(_ pieces: [[UInt8]]) -> (data: [String?], raw: [UInt8]) {
        var parser = EventParser()
        var data: [String?] = []
        var raw: [UInt8] = []
        for piece in pieces {
            parser.feed(ByteBuffer(bytes: piece))
            while let event = parser.next() {
                data.append(event.data.map { String(buffer: $0) })
                raw += event.raw.readableBytesView
            }
        }
        if let event = parser.remainder() {
            data.append(event.data.map { String(buffer: $0) })
            raw += event.raw.readableBytesView
        }
        return (data, raw)
    }

    private static let samples: [(text: String, data: [String?])] = [
        ("data: a\n\ndata: b\n\n", ["a", "b"]),
        ("data: a\r\n\r\ndata: b\r\n\r\n", ["a", "b"]),
        ("data: a\r\rdata: b\r\r", ["a", "b"]),
        ("data: a\r\n\ndata: b\n\r\n", ["a", "b"]),
        ("data:no space\n\ndata:  two\n\ndata\n\ndata:\n\n", ["no space", " two", "", ""]),
        ("data: one\ndata: two\ndata:\ndata: four\n\n", ["one\ntwo\n\nfour"]),
        (": a comment\n\n:\n\ndata: x\n: inside\n\n", [nil, nil, "x"]),
        ("event: error\ndata: {\"a\": 1}\nid: 7\nretry: 5\nunknown: u\n\n", ["{\"a\": 1}"]),
        ("data: grüße 🙂 日本\n\ndata: ü\r\n\r\n", ["grüße 🙂 日本", "ü"]),
        ("data: [DONE]\n", ["[DONE]"]),
        ("data: [DONE]", ["[DONE]"]),
        ("data: a:b: c\n\n", ["a:b: c"]),
    ]

    @Test("are the same however the bytes are split: every two pieces, and byte by byte", arguments: samples)
    func splits(text: String, data: [String?]) {
        let bytes = Array(text.utf8)
        let whole = parse([bytes])
        #expect(whole.data == data)
        #expect(whole.raw == bytes)
        #expect(parse(bytes.map { [$0] }).data == data)
        for split in 0...bytes.count {
            #expect(parse([Array(bytes[..<split]), Array(bytes[split...])]).data == data, "split at \(split)")
        }
    }

    @Test("in any mixture, split in three anywhere, are those of the whole")
    func mixtures() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            let chosen = (0..<Int.random(in: 1...6)).map { _ in Self.samples.dropLast(3).randomElement(using: &random)!
            }
            let bytes = Array(chosen.map(\.text).joined().utf8)
            let data = parse([bytes]).data
            #expect(data == chosen.flatMap(\.data))
            let cuts = [0, Int.random(in: 0...bytes.count), Int.random(in: 0...bytes.count), bytes.count].sorted()
            let pieces = zip(cuts, cuts.dropFirst()).map { Array(bytes[$0..<$1]) }
            #expect(parse(pieces).data == data, "\(String(decoding: bytes, as: UTF8.self).debugDescription) at \(cuts)")
        }
    }

    @Test("of a megabyte, in small pieces, are read in time in proportion to their length")
    func large() {
        let text = "data: " + String(repeating: "grüße ", count: 150_000) + "\n\n"
        let bytes = Array(text.utf8)
        let pieces = stride(from: 0, to: bytes.count, by: 1_000).map { Array(bytes[$0..<min($0 + 1_000, bytes.count)]) }
        let parsed = parse(pieces)
        #expect(parsed.data.count == 1 && parsed.data.first??.utf8.count == bytes.count - 8)
    }

    @Test("leave nothing behind: a long stream takes no more memory than a short one")
    func memory() {
        var parser = EventParser()
        let event = Array("data: \(String(repeating: "x", count: 300))\n\n".utf8)
        let stream = (0..<20_000).flatMap { _ in event }
        for start in stride(from: 0, to: stream.count, by: 1_000) {
            parser.feed(ByteBuffer(bytes: stream[start..<min(start + 1_000, stream.count)]))
            while parser.next() != nil {}
            #expect(parser.capacity <= 8_192)
        }
    }

    @Test("have a type, and a byte order mark before the first is no part of it")
    func types() {
        var parser = EventParser()
        parser.feed(ByteBuffer(bytes: [0xEF, 0xBB, 0xBF] + Array("event: error\ndata: x\n\ndata: y\n\n".utf8)))
        let first = parser.next()
        #expect(first?.isError == true && first?.data == ByteBuffer(string: "x"))
        #expect(parser.next()?.isError == false)
        #expect(parser.next() == nil && parser.pendingBytes == 0)
    }

    @Test("are given as soon as they are complete: an event that ends in CR waits for no LF")
    func promptness() {
        var parser = EventParser()
        parser.feed(ByteBuffer(string: "data: a\r\n\r"))
        #expect(parser.next()?.data == ByteBuffer(string: "a"))
        parser.feed(ByteBuffer(string: "\ndata: b\n"))
        #expect(parser.next() == nil)
        parser.feed(ByteBuffer(string: "\n"))
        #expect(parser.next()?.data == ByteBuffer(string: "b"))
    }
}
