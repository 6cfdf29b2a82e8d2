import NIOCore
import ResponseCache

/// Storage in memory that answers inline or on demand, fails, and returns damaged bytes. It counts what it is asked.
final class MemoryStorage: CacheStorage {
    var entries: [CacheKey: [UInt8]] = [:]
    var defaultTimeToLive: UInt64?
    var answersForStores = true
    /// Answers wait for `answerAll`.
    var isDeferred = false
    var failure: StorageFailure?
    /// Whether it answers fewer keys than were requested.
    var isShort = false
    private(set) var reads: [MemoryRead] = []
    private(set) var singleGets = 0
    private(set) var batchGets: [Int] = []
    private(set) var items: [StorageItem] = []
    private(set) var deleted: [CacheKey] = []
    private(set) var deadlines: [NIODeadline] = []
    private var waiting: [() -> Void] = []

    func get(_ key: CacheKey, deadline: NIODeadline) -> any StorageRead {
        singleGets += 1
        return read([key], deadline)
    }

    func get(_ keys: [CacheKey], deadline: NIODeadline) -> any StorageRead {
        batchGets.append(keys.count)
        return read(keys, deadline)
    }

    private func read(_ keys: [CacheKey], _ deadline: NIODeadline) -> MemoryRead {
        deadlines.append(deadline)
        let read = MemoryRead()
        reads.append(read)
        let answer = { [self] in
            read.answer((isShort ? Array(keys.dropLast()) : keys).map { (entries[$0], failure) })
        }
        if isDeferred { waiting.append(answer) } else { answer() }
        return read
    }

    func set(_ item: StorageItem, deadline: NIODeadline, completion: @escaping (StorageFailure?) -> Void) {
        set([item], deadline: deadline) { completion($0.first ?? StorageFailure(code: .defect, message: "short")) }
    }

    func set(_ items: [StorageItem], deadline: NIODeadline, completion: @escaping ([StorageFailure?]) -> Void) {
        self.items += items
        let finish = { [self] in
            if failure == nil {
                for item in items { entries[item.key] = item.parts.flatMap { Array($0.readableBytesView) } }
            }
            completion(isShort ? [] : items.map { _ in failure })
        }
        if isDeferred { waiting.append(finish) } else { finish() }
    }

    func delete(_ keys: [CacheKey]) {
        deleted += keys
        for key in keys { entries[key] = nil }
    }

    /// Gives the answers that are due.
    func answerAll() {
        let due = waiting
        waiting = []
        for answer in due { answer() }
    }

    /// Whether every read was released exactly once.
    var isBalanced: Bool { reads.allSatisfy { $0.releases == 1 } }
}

final class MemoryRead: StorageRead {
    private var outcomes: [StorageOutcome]?
    private var memory: [UnsafeMutableRawBufferPointer] = []
    private var body: (() -> Void)?
    private(set) var releases = 0

    deinit {
        for bytes in memory { bytes.deallocate() }
    }

    func answer(_ answers: [(bytes: [UInt8]?, failure: StorageFailure?)]) {
        outcomes = answers.map { answer in
            if let failure = answer.failure { return .failed(failure) }
            guard let bytes = answer.bytes else { return .miss }
            let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
            copy.copyBytes(from: bytes)
            memory.append(copy)
            return .hit(UnsafeRawBufferPointer(copy))
        }
        if releases == 0 { body?() }
        body = nil
    }

    var isDone: Bool { outcomes != nil }
    var count: Int { outcomes?.count ?? 0 }
    func whenDone(_ body: @escaping () -> Void) { self.body = body }
    func outcome(at index: Int) -> StorageOutcome { outcomes?[index] ?? .miss }

    func release() {
        releases += 1
        // Reading after the release becomes visible.
        for bytes in memory { for index in bytes.indices { bytes[index] = 0xDD } }
    }
}
