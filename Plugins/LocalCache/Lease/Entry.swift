import Glibc
import Synchronization

/// A stored key and value in one block of memory: this header, the key's bytes, the value's bytes.
///
/// The block is reference-counted: the shard holds one reference, and each lease another. Dropping the last reference
/// frees it, so that a leased value outlives its entry's eviction, and no value is ever copied out.
struct BlockHeader: ~Copyable {
    let references = Atomic<UInt32>(1)
    let keyCount: UInt32
    let valueCount: Int
    /// The end on the monotonic clock, in nanoseconds. `UInt64.max` means never.
    let expiresAt: UInt64
    /// The part of the key's hash that places it within its shard.
    let hash: UInt32
    /// The number of recent hits, at most 3. It is guarded by the shard's lock, like everything after it.
    var frequency: UInt8 = 0
    var isInMain = false
    /// The neighbours in the entry's queue.
    var newer: Entry?
    var older: Entry?
}

/// A reference to a block.
///
/// It is unchecked because key, value and header are immutable once published, except the fields that the shard's lock
/// guards and the atomic count.
struct Entry: Equatable, @unchecked Sendable {
    let header: UnsafeMutablePointer<BlockHeader>

    private init(_ header: UnsafeMutablePointer<BlockHeader>) { self.header = header }

    init?(_ address: UnsafeMutableRawPointer?) {
        guard let address else { return nil }
        header = address.assumingMemoryBound(to: BlockHeader.self)
    }

    static let headerSize = MemoryLayout<BlockHeader>.size

    /// Makes a block with the key filled in and the value still to be written. It is nil where there is no memory.
    static func make(key: UnsafeRawBufferPointer, hash: UInt32, valueCount: Int, expiresAt: UInt64) -> Entry? {
        let (extra, tooMuch) = key.count.addingReportingOverflow(valueCount)
        let (size, overflow) = extra.addingReportingOverflow(headerSize)
        guard !tooMuch, !overflow, size < Int.max / 2, let keyCount = UInt32(exactly: key.count),
            let block = malloc(size)
        else {
            return nil
        }
        let header = block.bindMemory(to: BlockHeader.self, capacity: 1)
        header.initialize(
            to: BlockHeader(keyCount: keyCount, valueCount: valueCount, expiresAt: expiresAt, hash: hash)
        )
        if let start = key.baseAddress { (block + headerSize).copyMemory(from: start, byteCount: key.count) }
        return Entry(header)
    }

    var address: UnsafeMutableRawPointer { UnsafeMutableRawPointer(header) }

    var key: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: address + Self.headerSize, count: Int(header.pointee.keyCount))
    }

    var valueStart: UnsafeMutableRawPointer { address + Self.headerSize + Int(header.pointee.keyCount) }

    var value: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: valueStart, count: header.pointee.valueCount)
    }

    /// The bytes that the allocator takes for the block.
    var charge: Int {
        allocatedSize(Self.headerSize + Int(header.pointee.keyCount) + header.pointee.valueCount)
    }

    func hasKey(_ other: UnsafeRawBufferPointer) -> Bool {
        guard key.count == other.count else { return false }
        guard let start = other.baseAddress else { return true }
        return memcmp(address + Self.headerSize, start, other.count) == 0
    }

    func isExpired(at now: UInt64) -> Bool { header.pointee.expiresAt <= now }

    /// Adds a reference. Call it only while another reference is held.
    func retain() { header.pointee.references.add(1, ordering: .relaxed) }

    /// Drops a reference.
    /// - Returns: whether it was the last one, so that the block is freed.
    func release() -> Bool {
        guard header.pointee.references.subtract(1, ordering: .acquiringAndReleasing).oldValue == 1 else {
            return false
        }
        header.deinitialize(count: 1)
        free(address)
        return true
    }
}
