import Dialects
import NIOCore
import Testing

@testable import ResponseCache

@Suite("Purged entries")
struct PurgedEntryTests {
    private let storage = MemoryStorage()
    private let use = CacheUse(mayRead: true, mayStore: true, isBypassed: false)
    private let answer = #"{"id":"1","choices":[{"message":{"content":"hello"}}]}"#

    private func cache(_ purges: PurgeLog, _ policy: CachePolicy = CachePolicy(timeToLive: 600_000)) -> ResponseCache {
        ResponseCache(storage: storage, policy: policy, pendingStores: PendingStores(), purges: purges)
    }

    /// Stores an answer whose call began `began` milliseconds after the first moment.
    @discardableResult
    private func store(
        _ cache: ResponseCache,
        _ key: Int = 0,
        tag: String = "a",
        began: Int64 = 0,
        at time: Int64 = 0
    ) throws -> StoreDecision {
        let facts = CallFacts(began: moment(began).unixMilliseconds, labels: [try EntryLabel(.tag, tag.utf8)])
        let answer = CacheableAnswer(
            check: .choices,
            status: 200,
            contentType: "application/json",
            body: [ByteBuffer(string: answer)],
            facts: facts
        )
        return cache.store(answer, under: try makeKey(key), use: use, controls: .init(), at: moment(time))
    }

    private enum Found: Equatable {
        case hit
        case stale
        case miss(CacheMiss)
        case later
    }

    private func look(_ cache: ResponseCache, _ key: Int = 0, at time: Int64 = 0) throws -> Found {
        switch cache.lookup(try makeKey(key), use: use, controls: .init(), at: moment(time)) {
        case .done(.hit(let hit)):
            hit.release()
            return .hit
        case .done(.stale(let hit)):
            hit.release()
            return .stale
        case .done(.miss(let miss)): return .miss(miss)
        case .pending: return .later
        }
    }

    private func tag(_ name: String) throws -> PurgeMarks.Scope { .label(try EntryLabel(.tag, name.utf8)) }

    @Test("An entry that a purge covers is a miss and is deleted, and what is made afterwards is found")
    func purge() throws {
        let purges = PurgeLog()
        let cache = cache(purges)
        try store(cache, 0, tag: "a")
        try store(cache, 1, tag: "b")
        purges.add([try tag("a")], before: moment(1).unixMilliseconds, at: moment(1).unixMilliseconds)
        #expect(try look(cache, 0) == .miss(.purged))
        #expect(storage.deleted == [try makeKey(0)])
        #expect(try look(cache, 1) == .hit)
        try store(cache, 0, tag: "a", began: 1, at: 2)
        #expect(try look(cache, 0, at: 3) == .hit)
        #expect(storage.isBalanced && cache.events.purged == 1)
    }

    @Test("An answer whose call began before a purge is not stored, however late it comes")
    func inFlight() throws {
        let purges = PurgeLog()
        let cache = cache(purges)
        purges.add([try tag("a")], before: moment(100).unixMilliseconds, at: moment(100).unixMilliseconds)
        #expect(try store(cache, tag: "a", began: 99, at: 50_000) == .notStored(.purged))
        #expect(try store(cache, tag: "a", began: 100, at: 50_000) == .handedOver)
    }

    @Test("A store that is under way is not found any more, and is followed by a delete")
    func pendingStore() throws {
        let purges = PurgeLog()
        let cache = cache(purges)
        storage.isDeferred = true
        try store(cache)
        #expect(try look(cache) == .hit, "until it is confirmed")
        purges.add([.key(EntryLabel(key: try makeKey()))], before: moment(1).unixMilliseconds, at: 0)
        #expect(try look(cache) == .later)
        #expect(storage.deleted.isEmpty)
        storage.isDeferred = false
        storage.answerAll()
        #expect(try storage.entries.isEmpty && storage.deleted.last == makeKey())
        #expect(try look(cache) == .miss(.absent))
    }

    @Test("A stale answer that is kept in case the model fails is purged too")
    func stale() throws {
        let purges = PurgeLog()
        let cache = cache(purges, CachePolicy(timeToLive: 1_000, staleIfError: 60_000))
        try store(cache)
        guard
            case .done(.stale(let hit)) = cache.lookup(
                try makeKey(),
                use: use,
                controls: .init(),
                at: moment(2_000)
            )
        else {
            Issue.record("expected a stale answer")
            return
        }
        let kept = hit.kept()
        #expect(!cache.isPurged(kept, under: try makeKey()))
        purges.add([try tag("a")], before: moment(2_001).unixMilliseconds, at: 0)
        #expect(cache.isPurged(kept, under: try makeKey()))
        #expect(try look(cache, at: 2_002) == .miss(.purged))
    }

    @Test("The parts of embeddings are purged one by one")
    func embeddings() throws {
        let purges = PurgeLog()
        let cache = cache(purges)
        for number in 0..<3 { try store(cache, number, tag: number == 1 ? "b" : "a") }
        purges.add([try tag("b")], before: moment(1).unixMilliseconds, at: 0)
        let keys = try (0..<3).map { try makeKey($0) }
        guard case .done(let batch) = cache.lookupMany(keys, use: use, controls: .init(), at: moment()) else {
            Issue.record("expected outcomes")
            return
        }
        let hits = batch.outcomes.map { if case .hit = $0 { true } else { false } }
        #expect(hits == [true, false, true])
        batch.release()
    }

    // MARK: Several gateways

    private func shared() throws -> PurgeLog {
        PurgeLog(recordKey: try CacheKeyBuilder().key(ofPurgesIn: nil), interval: .milliseconds(500))
    }

    private func publish(_ cache: ResponseCache, at time: Int64) -> StorageFailure?? {
        var outcome: StorageFailure??
        cache.publishPurges(now: { moment(time) }) { outcome = .some($0) }
        return outcome
    }

    @Test("Another gateway learns of a purge with its first look-up after the interval, in the same query")
    func agreement() throws {
        let (first, second) = (try shared(), try shared())
        let (a, b) = (cache(first), cache(second))
        try store(a)
        #expect(try look(b, at: 0) == .hit)
        first.add([try tag("a")], before: moment(10).unixMilliseconds, at: moment(10).unixMilliseconds)
        #expect(publish(a, at: 10) == .some(nil))
        let queries = storage.singleGets
        #expect(try look(b, at: 499) == .hit, "what is known is relied on for half a second")
        #expect(storage.singleGets == queries + 1)
        #expect(try look(b, at: 500) == .miss(.purged))
        #expect(second.current.labelCount == 1)
        #expect(storage.batchGets.allSatisfy { $0 <= 2 } && storage.isBalanced)
    }

    @Test("Until the record was read once, an entry is not served, nor deleted")
    func unread() throws {
        try store(cache(PurgeLog()))
        let record = try #require(try shared().recordKey)
        storage.entries[record] = nil
        storage.isShort = true
        let cache = cache(try shared())
        #expect(try look(cache) == .miss(.unverified))
        #expect(storage.deleted.isEmpty)
        storage.isShort = false
        #expect(try look(cache) == .hit)
        #expect(storage.isBalanced)
    }

    @Test("Gateways that write the record at the same time both keep their marks")
    func concurrentWrites() throws {
        let (first, second) = (try shared(), try shared())
        let (a, b) = (cache(first), cache(second))
        _ = (try look(a), try look(b))
        storage.isDeferred = true
        var ends = 0
        first.add([try tag("a")], before: moment(10).unixMilliseconds, at: moment(10).unixMilliseconds)
        second.add([try tag("b")], before: moment(10).unixMilliseconds, at: moment(10).unixMilliseconds)
        a.publishPurges(now: { moment(10) }) { ends += $0 == nil ? 1 : 0 }
        b.publishPurges(now: { moment(10) }) { ends += $0 == nil ? 1 : 0 }
        for _ in 0..<12 { storage.answerAll() }
        storage.isDeferred = false
        // Each may have overwritten the other at first, and later looks find what is missing.
        _ = (publish(a, at: 1_010), publish(b, at: 1_010), publish(a, at: 1_020))
        #expect(ends == 2)
        #expect(first.current == second.current && first.current.labelCount == 2)
        let third = try shared()
        _ = try look(cache(third), at: 2_000)
        #expect(third.current == first.current)
    }

    @Test("A record that somebody has removed, damaged or forged is written again by those who know the marks")
    func forged() throws {
        let purges = try shared()
        let cache = cache(purges)
        let record = try #require(purges.recordKey)
        _ = try look(cache)
        purges.add([try tag("a")], before: moment(10).unixMilliseconds, at: moment(10).unixMilliseconds)
        _ = publish(cache, at: 10)
        let good = try #require(storage.entries[record])
        var damaged = good
        damaged[good.count - 1] ^= 1
        for (number, bytes) in [nil, damaged, Array("nonsense".utf8), Array(good.prefix(97))].enumerated() {
            storage.entries[record] = bytes
            let time = Int64(1_000 * (number + 1))
            _ = try look(cache, at: time)
            let fresh = try shared()
            _ = try look(self.cache(fresh), at: time)
            #expect(fresh.current == purges.current, "number \(number)")
        }
        #expect(purges.current.labelCount == 1)
    }

    @Test("With keys, a record that is not sealed is not believed")
    func sealed() throws {
        let open = try shared()
        let plain = cache(open)
        open.add([.all], before: moment(10).unixMilliseconds, at: moment(10).unixMilliseconds)
        _ = publish(plain, at: 10)
        let key = try #require(EntryKey(bytes: [UInt8](repeating: 7, count: 32)))
        let purges = try shared()
        let sealing = ResponseCache(
            storage: storage,
            policy: CachePolicy(timeToLive: 600_000),
            pendingStores: PendingStores(),
            purges: purges,
            seal: try EntrySeal(keys: [key])
        )
        _ = try look(sealing, at: 20)
        #expect(purges.isKnown && purges.current.isEmpty && purges.hasUnreadableRecord)
        purges.add([try tag("b")], before: moment(30).unixMilliseconds, at: moment(30).unixMilliseconds)
        #expect(publish(sealing, at: 30) == .some(nil))
        let other = try shared()
        let reading = ResponseCache(
            storage: storage,
            policy: CachePolicy(timeToLive: 600_000),
            pendingStores: PendingStores(),
            purges: other,
            seal: try EntrySeal(keys: [key])
        )
        _ = try look(reading, at: 40)
        #expect(other.current.labelCount == 1 && !other.hasUnreadableRecord)
    }

    @Test("A backend that does not keep the record is reported")
    func failing() throws {
        let purges = try shared()
        let cache = cache(purges)
        storage.failure = StorageFailure(code: .unavailable, message: "connection refused")
        purges.add([.all], before: moment(1).unixMilliseconds, at: 0)
        #expect(publish(cache, at: 1) == .some(storage.failure))
    }
}
