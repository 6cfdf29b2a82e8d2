import NIOCore
import Testing

@testable import ResponseCache

@Suite("Stored entries")
struct EntryTests {
    private let body = ByteBuffer(string: #"{"choices":[{"message":{"content":"hello"}}]}"#)

    private func entry(_ parts: [ByteBuffer], key: CacheKey) -> (EntryHeader, [UInt8]) {
        let header = EntryHeader(
            form: .json,
            status: 200,
            storedAt: 1_800_000_000_000,
            timeToLive: 600_000,
            staleWhileRevalidate: 5,
            staleIfError: 7,
            contentType: "application/json; charset=utf-8",
            bodyLength: parts.reduce(0) { $0 + $1.readableBytes }
        )
        let bytes = ([header.encode(key: key, body: parts)] + parts).flatMap { Array($0.readableBytesView) }
        return (header, bytes)
    }

    private func fault(_ bytes: [UInt8], key: CacheKey) -> EntryFault? {
        bytes.withUnsafeBytes { bytes in
            do throws(EntryFault) {
                _ = try EntryHeader(verifying: bytes, key: key)
                return nil
            } catch {
                return error
            }
        }
    }

    @Test("a header is read as it was written, and the body is the last bytes")
    func roundTrip() throws {
        let key = try makeKey()
        let (header, bytes) = entry([body], key: key)
        let read = try bytes.withUnsafeBytes { try EntryHeader(verifying: $0, key: key) }
        #expect(read == header)
        #expect(bytes.suffix(read.bodyLength).elementsEqual(body.readableBytesView))
    }

    @Test("an entry has the tokens that its answer has cost, where they are known")
    func usage() throws {
        let key = try makeKey()
        let usage = TokenUsage(input: 1_234, output: .max, cachedInput: 56)
        let header = EntryHeader(
            form: .json,
            status: 200,
            storedAt: 9_000,
            timeToLive: 1,
            contentType: "application/json",
            bodyLength: body.readableBytes,
            facts: CallFacts(began: 8_750, labels: [try EntryLabel(.model, "m".utf8)]),
            usage: usage
        )
        var bytes = [header.encode(key: key, body: [body]), body].flatMap { Array($0.readableBytesView) }
        let read = try bytes.withUnsafeBytes { try EntryHeader(verifying: $0, key: key, readsLabels: true) }
        #expect(read.usage == TokenUsage(input: 1_234, output: Int(UInt32.max), cachedInput: 56))
        #expect(read.facts == header.facts && read.bodyLength == body.readableBytes)
        #expect(bytes.suffix(read.bodyLength).elementsEqual(body.readableBytesView))
        bytes[bytes.count - body.readableBytes - 1] ^= 1
        #expect(fault(bytes, key: key) == .damaged, "the checksum covers the tokens")
    }

    @Test("an entry has its labels and the time at which its call began, which are read where they are needed")
    func labels() throws {
        let key = try makeKey()
        let labels = [
            try EntryLabel(.model, "m".utf8), try EntryLabel(.tenant, "t".utf8), try EntryLabel(.tag, "m".utf8),
        ]
        #expect(Set(labels).count == 3, "a tag is no model")
        let header = EntryHeader(
            form: .json,
            status: 200,
            storedAt: 9_000,
            timeToLive: 1,
            contentType: "application/json",
            bodyLength: body.readableBytes,
            facts: CallFacts(began: 8_750, labels: labels)
        )
        let bytes = ([header.encode(key: key, body: [body])] + [body]).flatMap { Array($0.readableBytesView) }
        let read = try bytes.withUnsafeBytes { try EntryHeader(verifying: $0, key: key, readsLabels: true) }
        #expect(read == header)
        let quick = try bytes.withUnsafeBytes { try EntryHeader(verifying: $0, key: key) }
        #expect(quick.facts == CallFacts(began: 8_750, labels: nil) && quick.bodyLength == body.readableBytes)
        for length in 0..<bytes.count { #expect(fault(Array(bytes.prefix(length)), key: key) != nil) }
        var changed = bytes
        for index in bytes.indices {
            changed[index] ^= 0x55
            #expect(fault(changed, key: key) != nil, "byte \(index)")
            changed[index] = bytes[index]
        }
    }

    @Test("what is no answer of a model is read as that, and no purge is about it")
    func noAnswer() throws {
        let key = try makeKey()
        let header = EntryHeader(
            form: .json,
            status: 200,
            storedAt: 9_000,
            timeToLive: 1,
            contentType: "application/json",
            bodyLength: body.readableBytes,
            facts: CallFacts.none
        )
        let bytes = ([header.encode(key: key, body: [body])] + [body]).flatMap { Array($0.readableBytesView) }
        let read = try bytes.withUnsafeBytes { try EntryHeader(verifying: $0, key: key, readsLabels: true) }
        #expect(read == header)
        var marks = PurgeMarks()
        marks.add(.all, before: 1_000_000, at: 1_000_000)
        marks.add(.label(try EntryLabel(.model, "m".utf8)), before: 2_000_000, at: 2_000_000)
        #expect(!marks.cover(read.facts, key: EntryLabel(key: key)))
    }

    @Test("an entry of the first version counts as begun when it was stored, by a call of which nothing is known")
    func firstVersion() throws {
        let key = try makeKey()
        let (_, bytes) = entry([body], key: key)
        #expect(bytes[4] == 1)
        let read = try bytes.withUnsafeBytes { try EntryHeader(verifying: $0, key: key, readsLabels: true) }
        #expect(read.facts == CallFacts(began: 1_800_000_000_000, labels: nil))
    }

    @Test("an entry is the same bytes however its body is divided into parts")
    func division() throws {
        let key = try makeKey()
        let whole = entry([body], key: key).1
        for first in 0...body.readableBytes {
            for second in stride(from: first, through: body.readableBytes, by: 5) {
                let cuts = [0..<first, first..<second, second..<body.readableBytes]
                let parts = cuts.compactMap { body.getSlice(at: $0.lowerBound, length: $0.count) }
                #expect(entry(parts, key: key).1 == whole)
            }
        }
    }

    @Test("no beginning of an entry is an entry")
    func truncation() throws {
        let key = try makeKey()
        let bytes = entry([body], key: key).1
        for length in 0..<bytes.count { #expect(fault(Array(bytes.prefix(length)), key: key) != nil) }
        #expect(fault(bytes + [0], key: key) == .wrongLength)
        #expect(fault(bytes, key: key) == nil)
    }

    @Test("a change of any bit, and of any byte to any other, is detected")
    func damage() throws {
        let key = try makeKey()
        var bytes = entry([body], key: key).1
        for index in bytes.indices {
            let original = bytes[index]
            for change in UInt8(1)...255 {
                bytes[index] = original ^ change
                if fault(bytes, key: key) == nil { Issue.record("byte \(index) ^ \(change) went unnoticed") }
            }
            bytes[index] = original
        }
        bytes[bytes.count - 1] ^= 1
        #expect(fault(bytes, key: key) == .damaged)
    }

    @Test("each kind of wrong entry has its own reason")
    func reasons() throws {
        let key = try makeKey()
        let bytes = entry([body], key: key).1
        func changed(_ index: Int, _ value: UInt8) -> [UInt8] {
            var copy = bytes
            copy[index] = value
            return copy
        }
        #expect(fault([], key: key) == .truncated)
        #expect(fault([UInt8](repeating: 0x7B, count: 500), key: key) == .foreign)
        #expect(fault(changed(4, 2), key: key) == .sealed)
        #expect(fault(changed(4, 9), key: key) == .unknownVersion)
        #expect(fault(changed(5, 7), key: key) == .unknownForm)
        #expect(fault(changed(79, 0xFF), key: key) == .wrongLength)
        #expect(fault(bytes, key: try makeKey(1)) == .wrongKey)
    }

    @Test(
        "an entry that the gateway could not have written is refused, though every byte is as it was written",
        arguments: [
            (500, EntryForm.json, "application/json"), (404, .json, "application/json"), (0, .json, "application/json"),
            (200, .json, "text/html\r\nset-cookie: a=b"), (200, .json, "application/json\n"), (200, .json, ""),
            (200, .json, "application/json; a=\u{0}"), (200, .json, "application/json; a=\u{e9}"), (200, .json, "json"),
            (200, .json, "application/"), (200, .json, "/json"), (200, .json, "a b/c"),
            (200, .json, "application/json x"),
            (200, .json, "application/json;" + String(repeating: " ", count: 300)), (200, .stream, "application/json"),
            (200, .stream, "text/event"),
        ] as [(UInt16, EntryForm, String)]
    )
    func implausible(status: UInt16, form: EntryForm, contentType: String) throws {
        let key = try makeKey()
        let header = EntryHeader(
            form: form,
            status: status,
            storedAt: 1,
            timeToLive: 0,
            contentType: contentType,
            bodyLength: body.readableBytes
        )
        let bytes = ([header.encode(key: key, body: [body])] + [body]).flatMap { Array($0.readableBytesView) }
        #expect(fault(bytes, key: key) == .implausible)
    }

    @Test(
        "what servers name as their content type is accepted",
        arguments: [
            (EntryForm.json, "application/json"), (.json, "application/json; charset=utf-8"), (.json, "text/plain"),
            (.json, "application/vnd.api+json;charset=\"utf-8\""), (.stream, "text/event-stream"),
            (.stream, "Text/Event-Stream; charset=utf-8"), (.json, "application/json ;charset=utf-8"),
        ]
    )
    func plausible(form: EntryForm, contentType: String) throws {
        let key = try makeKey()
        let header = EntryHeader(
            form: form,
            status: 200,
            storedAt: 1,
            timeToLive: 0,
            contentType: contentType,
            bodyLength: body.readableBytes
        )
        let bytes = ([header.encode(key: key, body: [body])] + [body]).flatMap { Array($0.readableBytesView) }
        #expect(fault(bytes, key: key) == nil)
        #expect(try bytes.withUnsafeBytes { try EntryHeader(verifying: $0, key: key) } == header)
    }
}
