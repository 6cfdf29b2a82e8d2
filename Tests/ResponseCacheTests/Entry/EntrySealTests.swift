import Dialects
import NIOCore
import Testing

@testable import ResponseCache

@Suite("Sealed entries")
struct EntrySealTests {
    private static func key(_ byte: UInt8) throws -> EntryKey {
        try #require(EntryKey(bytes: [UInt8](repeating: byte, count: 32)))
    }

    private func seal(_ keys: UInt8...) throws -> EntrySeal { try EntrySeal(keys: keys.map(Self.key)) }

    private let body = ByteBuffer(string: #"{"choices":[{"message":{"content":"hello"}}]}"#)

    private func sealed(_ seal: EntrySeal, _ key: CacheKey) throws -> [UInt8] {
        let entry = try #require(
            seal.seal([ByteBuffer(string: "he"), ByteBuffer(), ByteBuffer(string: "llo")], for: key)
        )
        return Array(entry.readableBytesView)
    }

    private func open(_ bytes: [UInt8], _ seal: EntrySeal, _ key: CacheKey) -> Result<String, EntryFault> {
        bytes.withUnsafeBytes { bytes in
            do throws(EntryFault) {
                return .success(String(buffer: try seal.open(bytes, for: key)))
            } catch {
                return .failure(error)
            }
        }
    }

    // MARK: The cipher

    private static let nonce = Array("ABCDEFGHIJKLMNOPQRSTUVWX".utf8)

    @Test(
        "are encrypted as the specification of XAES-256-GCM does it",
        arguments: [
            (1, "", "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271"),
            (3, "c2sp.org/XAES-256-GCM", "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d"),
        ] as [(UInt8, String, String)]
    )
    func vectors(key: UInt8, associated: String, expected: String) throws {
        let cipher = try AuthenticatedCipher(key: try Self.key(key))
        let text = Array("XAES-256-GCM".utf8)
        // This runs twice, since a context is reused.
        for _ in 0..<2 {
            var out = [UInt8](repeating: 0, count: text.count + AuthenticatedCipher.tagLength)
            let isDone = Self.nonce.withUnsafeBytes { nonce in
                Array(associated.utf8).withUnsafeBytes { associated in
                    out.withUnsafeMutableBytes { out in
                        cipher.encrypt(nonce: nonce, associated: associated, into: out) { add in
                            text[..<5].withUnsafeBytes { add($0) }
                            text[5...].withUnsafeBytes { add($0) }
                        }
                    }
                }
            }
            #expect(isDone)
            #expect(out.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() == expected)
            var opened = [UInt8](repeating: 0, count: text.count)
            let isOpen = Self.nonce.withUnsafeBytes { nonce in
                Array(associated.utf8).withUnsafeBytes { associated in
                    out.withUnsafeBytes { sealed in
                        opened.withUnsafeMutableBytes { opened in
                            guard let start = opened.baseAddress else { return false }
                            return cipher.decrypt(sealed, nonce: nonce, associated: associated, into: start)
                        }
                    }
                }
            }
            #expect(isOpen && opened == text)
        }
    }

    // MARK: Sealing and opening

    @Test("open to what was sealed, reveal nothing of it, and are never the same twice")
    func roundTrip() throws {
        let seal = try seal(1)
        let key = try makeKey()
        let one = try sealed(seal, key)
        let two = try sealed(seal, key)
        #expect(one.count == 5 + EntrySeal.overhead)
        #expect(one != two && one.prefix(16) == two.prefix(16))
        #expect(!String(decoding: one, as: UTF8.self).contains("hello"))
        for entry in [one, two, one] { #expect(open(entry, seal, key) == .success("hello")) }
        #expect(open(one, try self.seal(1), key) == .success("hello"), "another loop has the same key")
    }

    @Test("do not open when any byte is any other, or when one is missing or too many")
    func tampering() throws {
        let seal = try seal(1)
        let key = try makeKey()
        var entry = try sealed(seal, key)
        for index in entry.indices {
            let original = entry[index]
            for change in UInt8(1)...255 {
                entry[index] = original ^ change
                if case .success = open(entry, seal, key) { Issue.record("byte \(index) ^ \(change) went unnoticed") }
            }
            entry[index] = original
        }
        for length in 0..<entry.count {
            if case .success = open(Array(entry.prefix(length)), seal, key) { Issue.record("\(length) bytes opened") }
        }
        #expect(open(entry + [0], seal, key) == .failure(.forged))
        #expect(open(entry, seal, key) == .success("hello"))
    }

    @Test("open under the very key of the cache that they were sealed for, and no other")
    func swapped() throws {
        let seal = try seal(1)
        let entry = try sealed(seal, try makeKey(1))
        #expect(open(entry, seal, try makeKey(1)) == .success("hello"))
        #expect(open(entry, seal, try makeKey(2)) == .failure(.forged))
    }

    @Test("are written with the first key and read with all")
    func rotation() throws {
        let key = try makeKey()
        let old = try sealed(try seal(1), key)
        let new = try sealed(try seal(2, 1), key)
        #expect(open(old, try seal(2, 1), key) == .success("hello"))
        #expect(open(new, try seal(1, 2), key) == .success("hello"))
        #expect(open(new, try seal(1), key) == .failure(.unknownKey))
        #expect(open(old, try seal(2), key) == .failure(.unknownKey))
    }

    @Test("are distinguished from those that are not sealed, and from anything else")
    func faults() throws {
        let seal = try seal(1)
        let key = try makeKey()
        let header = EntryHeader(
            form: .json,
            status: 200,
            storedAt: 1,
            timeToLive: 0,
            contentType: "application/json",
            bodyLength: body.readableBytes
        )
        let plain = ([header.encode(key: key, body: [body])] + [body]).flatMap { Array($0.readableBytesView) }
        #expect(open(plain, seal, key) == .failure(.unsealed))
        var labelled = plain
        labelled[4] = 3
        #expect(open(labelled, seal, key) == .failure(.unsealed))
        #expect(open([], seal, key) == .failure(.truncated))
        #expect(open([UInt8](repeating: 0x7B, count: 500), seal, key) == .failure(.foreign))
        var future = plain
        future[4] = 9
        #expect(open(future, seal, key) == .failure(.unknownVersion))
    }

    @Test("need a key of 32 bytes, which is never printed")
    func keys() throws {
        #expect(EntryKey(bytes: [UInt8](repeating: 65, count: 31)) == nil)
        #expect(EntryKey(bytes: [UInt8](repeating: 65, count: 33)) == nil)
        #expect(throws: EntrySealFailure.self) { try EntrySeal(keys: []) }
        let key = try Self.key(65)
        var dumped = ""
        dump(key, to: &dumped)
        for text in ["\(key)", "\([key])", String(reflecting: key), dumped] { #expect(!text.contains("65")) }
    }

    // MARK: In the cache

    private let storage = MemoryStorage()
    private let use = CacheUse(mayRead: true, mayStore: true, isBypassed: false)

    private func cache(_ keys: UInt8...) throws -> ResponseCache {
        ResponseCache(
            storage: storage,
            policy: CachePolicy(timeToLive: 600_000, staleIfError: 600_000, maxEntrySize: 300),
            pendingStores: PendingStores(),
            seal: keys.isEmpty ? nil : try EntrySeal(keys: keys.map(Self.key))
        )
    }

    private func store(_ cache: ResponseCache, _ number: Int = 0, padding: Int = 0) throws -> StoreDecision {
        var body = self.body
        body.writeString(String(repeating: " ", count: padding))
        let answer = CacheableAnswer(check: .choices, status: 200, contentType: "application/json", body: [body])
        return cache.store(answer, under: try makeKey(number), use: use, controls: .init(), at: moment())
    }

    private func look(_ cache: ResponseCache, _ number: Int = 0, after milliseconds: Int64 = 0) throws -> String {
        switch cache.lookup(try makeKey(number), use: use, controls: .init(), at: moment(milliseconds)) {
        case .done(.hit(let hit)):
            defer { hit.release() }
            return String(buffer: hit.body())
        case .done(.stale(let hit)): return "stale " + String(buffer: hit.kept().body)
        case .done(.miss(.unreadable(let fault))): return "\(fault)"
        case .done(.miss(let miss)): return "\(miss)"
        case .pending: return "pending"
        }
    }

    @Test("are found, also past their time, and give the backend's memory back")
    func found() throws {
        let cache = try cache(1)
        #expect(try store(cache) == .handedOver)
        #expect(try look(cache) == String(buffer: body))
        #expect(try look(cache, after: 700_000) == "stale " + String(buffer: body))
        #expect(try look(cache, after: 1_300_000) == "expired")
        #expect(storage.reads.count == 3 && storage.reads.allSatisfy { $0.releases == 1 })
        let stored = try #require(storage.entries.values.first)
        #expect(!String(decoding: stored, as: UTF8.self).contains("hello"))
    }

    @Test("come out of a batch, whose memory is given back once")
    func batch() throws {
        let cache = try cache(1)
        #expect(try store(cache, 1) == .handedOver)
        let keys = [try makeKey(0), try makeKey(1)]
        guard case .done(let outcome) = cache.lookupMany(keys, use: use, controls: .init(), at: moment()) else {
            Issue.record("it should be done")
            return
        }
        guard case .miss(.absent) = outcome.outcomes[0], case .hit(let hit) = outcome.outcomes[1] else {
            Issue.record("\(outcome.outcomes)")
            return
        }
        #expect(storage.reads.allSatisfy { $0.releases == 0 })
        outcome.release()
        #expect(hit.body() == body)
        #expect(storage.reads.allSatisfy { $0.releases == 1 })
    }

    @Test("of an unknown key, of another entry, unsealed ones and forged ones are misses, counted and deleted")
    func refused() throws {
        let cache = try cache(1)
        _ = try store(try self.cache(2))
        #expect(try look(cache) == "unknownKey")
        _ = try store(try self.cache())
        #expect(try look(cache) == "unsealed")
        _ = try store(cache, 1)
        storage.entries[try makeKey(0)] = storage.entries[try makeKey(1)]
        #expect(try look(cache) == "forged")
        #expect(try look(cache) == "absent")
        #expect(cache.events.unreadable == 3)
        #expect(storage.deleted.count == 3)
        #expect(storage.reads.allSatisfy { $0.releases == 1 })
        #expect(try look(try self.cache(), 1) == "sealed", "without keys a sealed entry is none")
    }

    @Test("are no larger than entries may be, their seal included")
    func size() throws {
        let room = 300 - EntryLayout.fixedLength - "application/json".utf8.count - body.readableBytes
        #expect(try store(try cache(), padding: room) == .handedOver)
        #expect(try store(try cache(1), padding: room) == .notStored(.tooLarge))
        #expect(try store(try cache(1), padding: room - EntrySeal.overhead) == .handedOver)
        #expect(storage.entries.values.allSatisfy { $0.count == 300 })
    }
}
