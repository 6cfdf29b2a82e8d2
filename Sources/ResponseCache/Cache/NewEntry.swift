import NIOCore

/// An entry that is to be stored.
struct NewEntry {
    /// The entry as it is handed to the backend.
    let item: StorageItem
    /// The entry as look-ups find it until the backend has confirmed it.
    let held: PendingStore

    var key: CacheKey { item.key }

    /// - Parameters:
    ///   - retention: how long the backend is to keep it, in milliseconds. 0 means for as long as there is room.
    ///   - seal: seals what the backend gets. It is nil where entries are stored unsealed.
    init(
        key: CacheKey,
        header: EntryHeader,
        body: [ByteBuffer],
        retention: UInt64,
        seal: EntrySeal?
    ) throws(NotStored) {
        var parts: [ByteBuffer] = []
        parts.reserveCapacity(body.count + 1)
        parts.append(header.encode(key: key, body: body, willBeSealed: seal != nil))
        for part in body { parts.append(part) }
        if let seal {
            guard let sealed = seal.seal(parts, for: key) else { throw .unsealable }
            parts = [sealed]
        }
        item = StorageItem(key: key, parts: parts, timeToLive: retention)
        held = PendingStore(header: header, body: body)
    }
}
