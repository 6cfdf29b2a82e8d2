import NIOCore

/// How the record of purges is read and written. It is an entry under a key of its own, so that it is checked and sealed
/// as entries are.
extension ResponseCache {
    /// Takes the record out of an answer of storage.
    func take(record read: any StorageRead, at index: Int, _ key: CacheKey, at now: CacheInstant) {
        guard index < read.count else { return }
        let missing: PurgeMarks?
        switch read.outcome(at: index) {
        case .failed: return
        case .miss: missing = purges.noteRecord(nil, isUnreadable: false, at: now)
        case .hit(let bytes):
            let marks = marks(in: bytes, key)
            missing = purges.noteRecord(marks, isUnreadable: marks == nil, at: now)
        }
        // Another gateway has written its marks at the same time, or somebody has removed the record.
        if let missing { write(missing, key, at: now) { _ in } }
    }

    /// The marks in a record. It is nil for what the gateway has not written.
    private func marks(in bytes: UnsafeRawBufferPointer, _ key: CacheKey) -> PurgeMarks? {
        guard bytes.count <= EntryLayout.longestHeader + EntrySeal.overhead + PurgeMarks.longest else { return nil }
        func marks(_ entry: UnsafeRawBufferPointer, wasSealed: Bool) throws(EntryFault) -> PurgeMarks? {
            let header = try EntryHeader(verifying: entry, key: key, wasSealed: wasSealed)
            return PurgeMarks(encoded: UnsafeRawBufferPointer(rebasing: entry.suffix(header.bodyLength)))
        }
        do throws(EntryFault) {
            guard let seal else { return try marks(bytes, wasSealed: false) }
            let entry = try seal.open(bytes, for: key)
            return try entry.withUnsafeReadableBytes { (entry) throws(EntryFault) in try marks(entry, wasSealed: true) }
        } catch {
            return nil
        }
    }

    private func write(
        _ marks: PurgeMarks,
        _ key: CacheKey,
        at now: CacheInstant,
        _ completion: @escaping (StorageFailure?) -> Void
    ) {
        let body = [ByteBuffer(bytes: marks.encoded)]
        let header = EntryHeader(
            form: .json,
            status: 200,
            storedAt: now.unixMilliseconds,
            timeToLive: 0,
            contentType: "application/octet-stream",
            bodyLength: body.reduce(0) { $0 + $1.readableBytes }
        )
        do throws(NotStored) {
            let entry = try NewEntry(key: key, header: header, body: body, retention: 0, seal: seal)
            storage.set(entry.item, deadline: now.monotonic + policy.storeTimeout, completion: completion)
        } catch {
            completion(
                StorageFailure(code: .defect, message: "the cryptographic library cannot seal the record of purges")
            )
        }
    }

    /// Tells the gateways that share the backend what this one knows to be purged, and takes over what they do. The record
    /// is read back, since another gateway may write it at the same time.
    ///
    /// - Parameters:
    ///   - now: the present time, by the clocks of the caller.
    ///   - completion: called once, on the loop, with nil where the record has all marks or there is none.
    public func publishPurges(
        now: @escaping () -> CacheInstant,
        attempts: Int = 3,
        completion: @escaping (StorageFailure?) -> Void
    ) {
        guard let key = purges.recordKey else { return completion(nil) }
        let began = now()
        let read = storage.get([key], deadline: began.monotonic + policy.storeTimeout)
        let go = { [self] in
            let missing: PurgeMarks?
            switch read.count > 0 ? read.outcome(at: 0) : .miss {
            case .failed(let failure):
                read.release()
                return completion(failure)
            case .miss: missing = purges.noteRecord(nil, isUnreadable: false, at: now())
            case .hit(let bytes):
                let marks = marks(in: bytes, key)
                missing = purges.noteRecord(marks, isUnreadable: marks == nil, at: now())
            }
            read.release()
            guard let missing else { return completion(nil) }
            guard attempts > 0 else {
                return completion(
                    StorageFailure(code: .defect, message: "the record of purges does not keep what is written")
                )
            }
            write(missing, key, at: now()) { [self] failure in
                if let failure { return completion(failure) }
                publishPurges(now: now, attempts: attempts - 1, completion: completion)
            }
        }
        if read.isDone { go() } else { read.whenDone(go) }
    }
}
