import Dialects
import NIOCore
import Testing

@testable import ResponseCache

@Suite("The cache of one event loop")
struct ResponseCacheTests {
    private let storage = MemoryStorage()
    private let table = PendingStores()
    private let use = CacheUse(mayRead: true, mayStore: true, isBypassed: false)
    private let answer = #"{"id":"1","choices":[{"message":{"content":"hello"}}]}"#
    private let outage = StorageFailure(code: .unavailable, message: "connection refused")

    private func cache(_ policy: CachePolicy = CachePolicy(timeToLive: 600_000)) -> ResponseCache {
        ResponseCache(storage: storage, policy: policy, pendingStores: table)
    }

    private func cacheable(_ body: String, check: AnswerCheck = .choices, status: Int = 200) -> CacheableAnswer {
        CacheableAnswer(
            check: check,
            status: status,
            contentType: "application/json",
            body: [ByteBuffer(string: body)]
        )
    }

    private func store(_ cache: ResponseCache, _ number: Int = 0, controls: CacheControls = .init()) throws
        -> StoreDecision
    {
        cache.store(cacheable(answer), under: try makeKey(number), use: use, controls: controls, at: moment())
    }

    private func store(_ cache: ResponseCache, _ answer: CacheableAnswer) throws -> StoreDecision {
        cache.store(answer, under: try makeKey(), use: use, controls: .init(), at: moment())
    }

    private func body(_ hit: CacheHit) -> String {
        var buffer = ByteBuffer()
        hit.writeBody(into: &buffer)
        return String(buffer: buffer)
    }

    /// The miss of a look-up that is answered inline.
    private func miss(_ cache: ResponseCache, _ controls: CacheControls = .init(), after milliseconds: Int64 = 0) throws
        -> CacheMiss?
    {
        switch cache.lookup(try makeKey(), use: use, controls: controls, at: moment(milliseconds)) {
        case .done(.miss(let miss)): return miss
        case .done(.hit(let hit)):
            hit.release()
            return nil
        case .done(.stale(let hit)):
            hit.release()
            return .expired
        case .pending: return nil
        }
    }

    @Test("what was stored is found, with its age and what is left of its time")
    func hit() throws {
        let cache = cache()
        #expect(try miss(cache) == .absent)
        #expect(try store(cache) == .handedOver)
        let found = try cache.lookup(makeKey(), use: use, controls: .init(), at: moment(29_999))
        guard case .done(.hit(let hit)) = found else {
            Issue.record("expected a hit")
            return
        }
        #expect(body(hit) == answer)
        #expect(hit.status == 200 && hit.contentType == "application/json" && hit.form == .json)
        #expect(hit.ageSeconds == 29)
        #expect(hit.cacheStatus.value == "gateway; hit; ttl=570")
        hit.release()
        #expect(storage.isBalanced)
        #expect(storage.items.first?.timeToLive == 600_000)
        #expect(cache.events.hits == 1 && cache.events.misses == 1 && cache.events.stores == 1)
        #expect(storage.deadlines.first == moment().monotonic + cache.policy.lookupTimeout)
    }

    @Test("an entry past its time, or older than the request accepts, is a miss with that reason")
    func stale() throws {
        let cache = cache()
        _ = try store(cache)
        #expect(try miss(cache, after: 599_999) == nil)
        #expect(try miss(cache, after: 600_000) == .expired)
        var controls = CacheControls()
        controls.limits.maxAge = 1000
        #expect(try miss(cache, controls, after: 1000) == nil)
        #expect(try miss(cache, controls, after: 1001) == .tooOld)
        controls = CacheControls()
        controls.limits.maxStale = .any
        let found = try cache.lookup(makeKey(), use: use, controls: controls, at: moment(700_000))
        guard case .done(.hit(let hit)) = found else {
            Issue.record("expected a stale hit")
            return
        }
        #expect(hit.cacheStatus.value == "gateway; hit; ttl=-100")
        hit.release()
        #expect(cache.events.expired == 1)
        #expect(storage.isBalanced)
    }

    @Test("no-cache stores without reading, no-store reads without storing, and a bypass does neither")
    func controls() throws {
        let cache = cache()
        let noCache = CacheUse(mayRead: false, mayStore: true, isBypassed: false)
        let noStore = CacheUse(mayRead: true, mayStore: false, isBypassed: false)
        for (use, reason) in [(noCache, CacheMiss.notWanted), (.bypass, .bypassed)] {
            let found = try cache.lookup(makeKey(), use: use, controls: .init(), at: moment())
            guard case .done(.miss(reason)) = found else {
                Issue.record("expected \(reason)")
                return
            }
        }
        #expect(storage.singleGets == 0)
        func decision(_ use: CacheUse) throws -> StoreDecision {
            cache.store(cacheable(answer), under: try makeKey(), use: use, controls: .init(), at: moment())
        }
        #expect(try decision(noStore) == .notStored(.notWanted))
        #expect(try decision(.bypass) == .notStored(.bypassed))
        #expect(storage.items.isEmpty)
        #expect(try decision(noCache) == .handedOver)
    }

    @Test("the request's time to live goes before the configured one and the backend's; 0 is not stored")
    func timeToLive() throws {
        var controls = CacheControls()
        controls.timeToLive = 5000
        _ = try store(cache(), controls: controls)
        storage.defaultTimeToLive = 60_000
        _ = try store(cache(CachePolicy()))
        controls.timeToLive = 0
        #expect(try store(cache(), controls: controls) == .notStored(.noTimeToLive))
        #expect(storage.items.map(\.timeToLive) == [5000, 60_000])
    }

    @Test(
        "errors, empty answers and what is no JSON object are never stored",
        arguments: [
            (#"{"choices":[{}]}"#, 500, NotStored.notSuccessful), (#"{"choices":[{}]}"#, 201, .notSuccessful),
            ("", 200, .empty), (#"{"choices":[]}"#, 200, .empty), ("{}", 200, .empty),
            (#"{"choices":null}"#, 200, .empty), (#"{"error":{"message":"no"}}"#, 200, .failed),
            ("[]", 200, .unusable), ("<html>", 200, .unusable), (#"{"choices":[{}]"#, 200, .unusable),
            (#"{"choices":[{"a":"\#(String(repeating: "x", count: 2000))"}]}"#, 200, .tooLarge),
        ]
    )
    func unstorable(_ body: String, _ status: Int, _ reason: NotStored) throws {
        let cache = cache(CachePolicy(maxEntrySize: 1000))
        let answer = cacheable(body, status: status)
        let decision = cache.store(answer, under: try makeKey(), use: use, controls: .init(), at: moment())
        #expect(decision == .notStored(reason))
        #expect(storage.items.isEmpty && table.entryCount == 0)
    }

    private static let good = #"{"message":{"content":"a"},"finish_reason":"stop"}"#

    @Test(
        "an answer with status 200 that says that the model failed is never stored",
        arguments: [
            #"{"choices":[null]}"#, #"{"choices":[{}]}"#, #"{"choices":["a"]}"#, #"{"choices":[[]]}"#,
            #"{"choices":[{"index":0}]}"#, #"{"choices":[{"message":null,"finish_reason":"stop"}]}"#,
            #"{"choices":[{"message":{"content":"a"},"finish_reason":"error"}]}"#,
            #"{"choices":[{"text":"a","finish_reason":"err\u006fr"}]}"#,
            #"{"choices":[{"message":{"content":"a"},"error":{"code":502}}]}"#, #"{"choices":[\#(good),null]}"#,
            #"{"choices":[\#(good),{}]}"#, #"{"choices":[\#(good)],"error":{"message":"no"}}"#,
            #"{"error":"no","choices":[\#(good)]}"#, #"{"error":null,"error":{},"choices":[\#(good)]}"#,
        ]
    )
    func failedChoices(_ body: String) throws {
        let decision = try store(cache(), cacheable(body))
        #expect(decision == .notStored(.failed), "\(body)")
        #expect(storage.items.isEmpty)
    }

    @Test(
        "embeddings with status 200 that say that the model failed are never stored",
        arguments: [
            #"{"data":[null]}"#, #"{"data":[{}]}"#, #"{"data":[{"embedding":[]}]}"#, #"{"data":[{"embedding":null}]}"#,
            #"{"data":[{"embedding":[1],"error":"no"}]}"#, #"{"data":[{"embedding":[1]}],"error":{}}"#,
            #"{"data":[{"embedding":[1]},null]}"#,
        ]
    )
    func failedEmbeddings(_ body: String) throws {
        let decision = try store(cache(), cacheable(body, check: .embeddings))
        #expect(decision == .notStored(.failed), "\(body)")
        #expect(storage.items.isEmpty)
    }

    @Test(
        "an answer that merely has a member 'error' of null, or another reason to finish, is stored",
        arguments: [
            #"{"choices":[\#(good)],"error":null}"#, #"{"choices":[{"text":"","finish_reason":"stop","error":null}]}"#,
            #"{"choices":[{"message":{"content":null,"refusal":"no"},"finish_reason":"content_filter"}]}"#,
            #"{"choices":[{"message":{"content":"error"},"finish_reason":"length","x":{"error":1}}]}"#,
        ]
    )
    func successfulChoices(_ body: String) throws {
        #expect(try store(cache(), cacheable(body)) == .handedOver, "\(body)")
    }

    @Test("an answer with two lists of choices is not stored, since readers differ in which they take")
    func twoLists() throws {
        let body = #"{"choices":[\#(Self.good)],"choices":[\#(Self.good)]}"#
        #expect(try store(cache(), cacheable(body)) == .notStored(.unusable))
    }

    @Test(
        "an answer with two members of one name is not stored, wherever it has them: it could not be had as a stream",
        arguments: [
            #"{"id":"a","id":"b","choices":[\#(good)]}"#, #"{"id":"a","\u0069d":"b","choices":[\#(good)]}"#,
            #"{"choices":[{"message":{"content":"a","x":[{"y":1,"z":2,"y":1}]}}]}"#,
            #"{"choices":[\#(good)],"x":{\#((0..<500).map { "\"m\($0)\":0" }.joined(separator: ",")),"m7":1}}"#,
            #"{"choices":[\#(good)],"x":{"":1,"":2}}"#,
        ]
    )
    func repeatedMembers(_ body: String) throws {
        #expect(try store(cache(), cacheable(body)) == .notStored(.unusable), "\(body)")
        #expect(storage.items.isEmpty)
    }

    @Test(
        "an answer is stored whose members have similar names, or the same in different objects",
        arguments: [
            #"{"ad":1,"da":2,"bc":3,"choices":[\#(good),\#(good)],"":{"ad":1,"a\u0064 ":2,"\u00e9":3,"e":4}}"#,
            #"{"choices":[\#(good)],"x":{\#((0..<500).map { "\"m\($0)\":0" }.joined(separator: ","))}}"#,
        ]
    )
    func similarMembers(_ body: String) throws {
        #expect(try store(cache(), cacheable(body)) == .handedOver, "\(body)")
    }

    @Test("a body in many parts is checked and stored as one")
    func parts() throws {
        let cache = cache()
        let body = answer.map { ByteBuffer(string: String($0)) }
        let answer = CacheableAnswer(check: .choices, status: 200, contentType: "application/json", body: body)
        #expect(cache.store(answer, under: try makeKey(), use: use, controls: .init(), at: moment()) == .handedOver)
        #expect(try miss(cache) == nil)
    }

    @Test("damaged, cut and foreign entries are misses that are deleted")
    func unreadable() throws {
        let cache = cache()
        _ = try store(cache)
        let entry = storage.entries[try makeKey()] ?? []
        var damaged = entry
        damaged[damaged.count - 3] ^= 0x10
        _ = try store(cache, 1)
        let another = storage.entries[try makeKey(1)] ?? []
        let cases: [([UInt8], EntryFault)] = [
            (damaged, .damaged), (Array(entry.dropLast()), .wrongLength), (another, .wrongKey), ([], .truncated),
            (Array(repeating: 9, count: 200), .foreign),
        ]
        for (bytes, fault) in cases {
            storage.entries[try makeKey()] = bytes
            #expect(try miss(cache) == .unreadable(fault))
            #expect(storage.entries[try makeKey()] == nil)
        }
        #expect(CacheMiss.unreadable(.damaged).cacheStatus.value == "gateway; fwd=miss; detail=entry-damaged")
        #expect(storage.deleted.count == cases.count && cache.events.unreadable == 5)
        #expect(storage.isBalanced)
    }

    @Test("a reply longer than any entry may be is refused and released before it is looked at")
    func tooLarge() throws {
        let cache = cache(CachePolicy(timeToLive: 600_000, maxEntrySize: 1_000))
        storage.entries[try makeKey()] = Array(repeating: 9, count: 1_000_000)
        #expect(try miss(cache) == .unreadable(.tooLarge))
        #expect(storage.isBalanced && storage.entries.isEmpty)
        // An entry that another gateway with a larger limit has stored is refused too.
        let large = CacheableAnswer(
            check: .choices,
            status: 200,
            contentType: "application/json",
            body: [ByteBuffer(string: answer.replacing("hello", with: String(repeating: "h", count: 2_000)))]
        )
        _ = self.cache().store(large, under: try makeKey(), use: use, controls: .init(), at: moment())
        #expect(try miss(cache) == .unreadable(.tooLarge))
    }

    @Test(
        "a failing backend is a miss that says so, and its failed stores are reported",
        arguments: StorageFailure.Code.allCases
    )
    func failing(_ code: StorageFailure.Code) throws {
        let cache = cache()
        let failure = StorageFailure(code: code, message: "told to")
        storage.failure = failure
        var reported: [StorageFailure?] = []
        cache.onStoreEnd = {
            reported.append($0)
            return reported.count < 3
        }
        #expect(try miss(cache) == .failed(failure))
        #expect(CacheMiss.failed(failure).cacheStatus.value == "gateway; fwd=miss; detail=\(code.token)")
        #expect(try store(cache) == .notStored(.refused))
        #expect(reported == [failure])
        #expect(cache.events.readFailures == 1 && cache.events.storeFailures == 1)
        storage.failure = nil
        for _ in 0..<5 { #expect(try store(cache) == .handedOver) }
        #expect(reported == [failure, nil, nil], "successes are reported as long as stores count as failing")
        #expect(table.entryCount == 0 && storage.isBalanced)
    }

    @Test("a backend that answers too little is a failing one")
    func short() throws {
        let cache = cache()
        storage.isShort = true
        guard case .failed(let failure)? = try miss(cache) else {
            Issue.record("expected a failure")
            return
        }
        #expect(failure.code == .defect)
        _ = try store(cache)
        #expect(cache.events.storeFailures == 1 && table.entryCount == 0)
    }

    @Test("a refusal that comes later is reported, and the answer counts as handed over until then")
    func refusedLater() throws {
        let cache = cache()
        storage.failure = StorageFailure(code: .tooLarge, message: "told to")
        storage.isDeferred = true
        #expect(try store(cache) == .handedOver)
        storage.answerAll()
        #expect(cache.events.storeFailures == 1 && table.entryCount == 0)
    }

    @Test("an answer that is handed to a backend that may wait is not called stored, until the backend confirms it")
    func unconfirmed() throws {
        storage.answersForStores = false
        #expect(try store(cache()) == .handedOver, "the backend has confirmed it inline")
        storage.isDeferred = true
        let cache = cache()
        #expect(try store(cache) == .unconfirmed)
        let answers = [(key: try makeKey(), answer: cacheable(answer))]
        let decisions = cache.storeMany(answers, use: use, controls: .init(), at: moment())
        #expect(decisions == [.unconfirmed])
        storage.answerAll()
        #expect(cache.events.storeFailures == 0 && table.entryCount == 0)
    }

    @Test("until the backend confirms, an answer is found in the table of pending stores, by every loop")
    func pendingStores() throws {
        storage.isDeferred = true
        let cache = cache()
        _ = try store(cache)
        let other = ResponseCache(storage: MemoryStorage(), policy: CachePolicy(), pendingStores: table)
        let found = try other.lookup(makeKey(), use: use, controls: .init(), at: moment(10))
        guard case .done(.hit(let hit)) = found else {
            Issue.record("expected a hit")
            return
        }
        #expect(body(hit) == answer && hit.age == 10)
        hit.release()
        storage.answerAll()
        #expect(table.entryCount == 0 && storage.entries.count == 1)
    }

    @Test("a late answer comes once, a cancelled one never, and every read is released")
    func pending() throws {
        let cache = cache()
        _ = try store(cache)
        storage.isDeferred = true
        func lookup(_ number: Int) throws -> PendingLookup? {
            guard
                case .pending(let lookup) = cache.lookup(try makeKey(number), use: use, controls: .init(), at: moment())
            else { return nil }
            return lookup
        }
        var bodies: [String] = []
        var misses = 0
        for number in [0, 1] {
            try lookup(number)?.whenDone { outcome in
                switch outcome {
                case .hit(let hit):
                    bodies.append(body(hit))
                    hit.release()
                case .miss, .stale: misses += 1
                }
            }
        }
        let cancelled = try lookup(0)
        cancelled?.whenDone { _ in Issue.record("a cancelled look-up was answered") }
        cancelled?.cancel()
        cancelled?.cancel()
        let late = try lookup(0)
        storage.answerAll()
        late?.whenDone { if case .hit(let hit) = $0 { bodies.append(body(hit)); hit.release() } }
        #expect(bodies == [answer, answer] && misses == 1)
        #expect(storage.isBalanced && storage.reads.count == 4)
    }

    @Test("many keys are one question, answered in their order from both places")
    func many() throws {
        let cache = cache()
        _ = try store(cache, 1)
        storage.isDeferred = true
        _ = try store(cache, 3)
        let keys = try (0..<4).map { try makeKey($0) }
        guard case .pending(let pending) = cache.lookupMany(keys, use: use, controls: .init(), at: moment()) else {
            Issue.record("expected a pending look-up")
            return
        }
        var found: [Bool] = []
        pending.whenDone { outcome in
            found = outcome.outcomes.map { if case .hit(let hit) = $0 { body(hit) == answer } else { false } }
            outcome.release()
        }
        storage.answerAll()
        #expect(found == [false, true, false, true])
        #expect(storage.batchGets == [3] && storage.isBalanced)
    }

    @Test("a part past its time is a miss wherever it is found, because a part is not refreshed by itself")
    func staleParts() throws {
        let cache = cache(CachePolicy(timeToLive: 1_000, staleWhileRevalidate: 60_000))
        _ = try store(cache, 1)
        storage.isDeferred = true
        _ = try store(cache, 2)
        let keys = try [1, 2].map { try makeKey($0) }
        guard case .pending(let pending) = cache.lookupMany(keys, use: use, controls: .init(), at: moment(2_000)) else {
            Issue.record("expected a pending look-up")
            return
        }
        var misses: [CacheMiss?] = []
        pending.whenDone { outcome in
            misses = outcome.outcomes.map { if case .miss(let miss) = $0 { miss } else { nil } }
            outcome.release()
        }
        storage.answerAll()
        #expect(misses == [.expired, .expired])
        #expect(storage.batchGets == [2] && storage.isBalanced)
        #expect(cache.events.hits == 0 && cache.events.misses == 2 && cache.events.expired == 2)
    }
}
