import NIOCore

/// An entry that is to be stored.
struct NewEntry {
    let key: CacheKey
    let header: EntryHeader
    let body: [ByteBuffer]
    /// How long the backend is to keep it, in milliseconds; 0: for as long as there is room.
    let retention: UInt64

    /// As it is handed to the backend.
    var item: StorageItem {
        var parts: [ByteBuffer] = []
        parts.reserveCapacity(body.count + 1)
        parts.append(header.encode(key: key, body: body))
        for part in body { parts.append(part) }
        return StorageItem(key: key, parts: parts, timeToLive: retention)
    }

    /// As it is found until the backend has confirmed it.
    var held: InFlightEntry { InFlightEntry(header: header, body: body) }
}
