import NIOCore

/// How answers are handed to the backend.
extension ResponseCache {
    /// Hands an answer to the backend, if it may be stored, and does not wait for it. Until the backend has confirmed,
    /// look-ups find it in the table of pending stores.
    ///
    /// Call it just before the last byte goes to the client, with the whole body.
    public func store(
        _ answer: CacheableAnswer,
        under key: CacheKey,
        use: CacheUse,
        controls: CacheControls,
        at now: CacheInstant
    ) -> StoreDecision {
        do throws(NotStored) {
            let timeToLive = try timeToLive(use, controls)
            return hand(
                try entry(of: answer, under: key, timeToLive, at: now),
                deadline: now.monotonic + policy.storeTimeout
            )
        } catch {
            return .notStored(error)
        }
    }

    /// Hands many answers to the backend in one batch, each if it may be stored. The decisions are in the order of
    /// `answers`.
    public func storeMany(
        _ answers: [(key: CacheKey, answer: CacheableAnswer)],
        use: CacheUse,
        controls: CacheControls,
        at now: CacheInstant
    ) -> [StoreDecision] {
        let retention: UInt64
        do throws(NotStored) {
            retention = try timeToLive(use, controls)
        } catch {
            return answers.map { _ in .notStored(error) }
        }
        let batch = StoreBatch(capacity: answers.count)
        var decisions: [StoreDecision] = []
        decisions.reserveCapacity(answers.count)
        for (key, answer) in answers {
            do throws(NotStored) {
                batch.add(try entry(of: answer, under: key, retention, at: now))
                decisions.append(.handedOver)
            } catch {
                decisions.append(.notStored(error))
            }
        }
        guard !batch.items.isEmpty else { return decisions }
        hand(batch, deadline: now.monotonic + policy.storeTimeout)
        if batch.failures == nil, !storage.answersForStores {
            for index in decisions.indices where decisions[index] == .handedOver { decisions[index] = .unconfirmed }
        }
        guard batch.hasFailures else { return decisions }
        var item = 0
        for index in decisions.indices where decisions[index] == .handedOver {
            if batch.failure(of: item) != nil { decisions[index] = .notStored(.refused) }
            item += 1
        }
        return decisions
    }

    /// Removes an entry from the backend and from the stores that it has not confirmed yet. Nothing waits for the backend.
    public func remove(_ key: CacheKey) {
        pendingStores.remove(key)
        storage.delete([key])
    }

    /// Removes entries from the backend, if they are there. Nothing waits for it.
    public func removeFromStorage(_ keys: [CacheKey]) { storage.delete(keys) }

    /// How long the answers to a request live, in milliseconds. 0 means for as long as there is room.
    private func timeToLive(_ use: CacheUse, _ controls: CacheControls) throws(NotStored) -> UInt64 {
        guard use.mayStore else { throw use.isBypassed ? .bypassed : .notWanted }
        let timeToLive = Freshness.timeToLive(
            request: controls.timeToLive,
            configured: policy.timeToLive,
            backend: storage.defaultTimeToLive
        )
        guard let timeToLive else { throw .noTimeToLive }
        return timeToLive
    }

    private func entry(
        of answer: CacheableAnswer,
        under key: CacheKey,
        _ timeToLive: UInt64,
        at now: CacheInstant
    ) throws(NotStored) -> NewEntry {
        let limit = seal == nil ? policy.maxEntrySize : policy.maxEntrySize - EntrySeal.overhead
        if let refusal = checker.refusal(of: answer, maxEntrySize: limit) { throw refusal }
        let facts = answer.facts ?? CallFacts(began: now.unixMilliseconds, labels: nil)
        if purges.cover(facts, key: key) { throw .purged }
        let timeToLive = answer.longestLife.map { timeToLive == 0 ? $0 : min(timeToLive, $0) } ?? timeToLive
        let header = EntryHeader(
            form: answer.form,
            status: UInt16(clamping: answer.status),
            storedAt: now.unixMilliseconds,
            timeToLive: timeToLive,
            staleWhileRevalidate: policy.staleWhileRevalidate,
            staleIfError: policy.staleIfError,
            contentType: answer.contentType,
            bodyLength: answer.bodyLength,
            facts: facts,
            usage: answer.usage
        )
        return try NewEntry(
            key: key,
            header: header,
            body: answer.body,
            retention: policy.retention(of: timeToLive),
            seal: seal
        )
    }

    /// Hands an entry over. If the backend has not confirmed it when this returns, it is in the table of pending
    /// stores.
    private func hand(_ entry: NewEntry, deadline: NIODeadline) -> StoreDecision {
        events.stores &+= 1
        let handover = Handover(entry.key)
        let (key, header) = (entry.key, entry.held.header)
        storage.set(entry.item, deadline: deadline) { [self] failure in
            handover.ended(failure, in: pendingStores)
            note(failure)
            // What was purged while it was being stored is there only now.
            if isPurged(header, key) { storage.delete([key]) }
        }
        guard let failure = handover.answer else {
            handover.put(entry.held, into: pendingStores)
            return storage.answersForStores ? .handedOver : .unconfirmed
        }
        return failure == nil ? .handedOver : .notStored(.refused)
    }

    /// Hands entries over. Those that the backend has not confirmed when this returns are in the table of pending
    /// stores.
    private func hand(_ batch: StoreBatch, deadline: NIODeadline) {
        events.stores &+= UInt64(batch.items.count)
        storage.set(batch.items, deadline: deadline) { [self] failures in
            batch.failures = failures
            batch.takeOut(of: pendingStores)
            let purged = batch.items.indices.filter { isPurged(batch.headers[$0], batch.items[$0].key) }
            if !purged.isEmpty { storage.delete(purged.map { batch.items[$0].key }) }
            guard batch.hasFailures else { return note(nil) }
            for item in batch.items.indices {
                if let failure = batch.failure(of: item) { note(failure) }
            }
        }
        if batch.failures == nil { batch.put(into: pendingStores) }
    }

    /// Counts and reports how a store ended. A success is reported only while stores are known to fail.
    private func note(_ failure: StorageFailure?) {
        guard failure != nil || areStoresFailing else { return }
        if failure != nil { events.storeFailures &+= 1 }
        areStoresFailing = onStoreEnd?(failure) ?? false
    }
}

/// One entry on its way to the backend. It is used on its loop only.
private final class Handover {
    private let key: CacheKey
    /// The generation of the entry in the table of pending stores. It is nil while the entry is not in the table.
    private var generation: UInt64?
    /// The backend's answer. It is nil until the backend answers, and holds nil where the backend has stored the entry.
    private(set) var answer: StorageFailure??

    init(_ key: CacheKey) {
        self.key = key
    }

    func put(_ entry: PendingStore, into table: PendingStores) {
        generation = table.insert(key, entry)
    }

    func ended(_ failure: StorageFailure?, in table: PendingStores) {
        answer = .some(failure)
        if let generation { table.remove(key, generation: generation) }
    }
}
