public import PluginAPI

/// Looks up keys. Each has its own result, a miss unless set otherwise.
///
/// It is unchecked because it points to memory of the host that belongs to this operation alone (rule O-3).
public struct GetOperation: CacheOperation, @unchecked Sendable {
    let raw: UnsafeMutablePointer<gw_get_op>
    /// The host that started the operation.
    public let host: Host

    /// The struct with which the operation begins.
    public var head: gw_op { raw.pointee.op }

    /// How many keys there are.
    public var count: Int { Int(raw.pointee.n) }

    /// The key at an index below `count`.
    public func key(_ index: Int) -> UnsafeRawBufferPointer {
        guard index >= 0, index < count, let keys = raw.pointee.keys else {
            return UnsafeRawBufferPointer(start: nil, count: 0)
        }
        return UnsafeRawBufferPointer(keys[index])
    }

    /// Reports a hit. The value stays valid and unchanged until the host gives the lease back to `CachePlugin.release`.
    public func hit(_ index: Int, _ value: UnsafeRawBufferPointer, _ lease: Lease) {
        guard let result = result(index) else { return }
        result.pointee.value = gw_slice(p: value.baseAddress, n: UInt64(value.count))
        result.pointee.lease = lease.rawValue
        result.pointee.status = GW_OK
    }

    /// Reports a miss or an error of one key.
    public func set(_ index: Int, _ status: Status) { result(index)?.pointee.status = status.rawValue }

    private func result(_ index: Int) -> UnsafeMutablePointer<gw_result>? {
        guard index >= 0, index < count, let results = raw.pointee.results else { return nil }
        // Rule L-2: use the stride that came with the array, never our own sizeof.
        return (UnsafeMutableRawPointer(results) + index * Int(raw.pointee.result_stride))
            .assumingMemoryBound(to: gw_result.self)
    }
}

/// Identifies memory of the plugin that a result's value points to (rules V-1 to V-3). The host gives each lease back
/// once, from any thread.
public struct Lease: RawRepresentable, Equatable, Sendable {
    /// The value as the C interface has it.
    public let rawValue: UInt64

    /// Makes one of the value that the C interface has.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// There is nothing to give back, as for empty values and data that lives as long as the process.
    public static let none = Lease(rawValue: 0)

    /// A lease identified by an address, such as that of a reply buffer that `release` will free.
    public init(_ pointer: UnsafeMutableRawPointer) { rawValue = UInt64(UInt(bitPattern: pointer)) }

    /// The address, if the lease was made from one.
    public var pointer: UnsafeMutableRawPointer? { UnsafeMutableRawPointer(bitPattern: UInt(rawValue)) }

    /// A lease that keeps an object alive until `releaseObject`.
    public init(retaining object: AnyObject) { self.init(Unmanaged.passRetained(object).toOpaque()) }

    /// Releases the object that the lease was made from. Call it once.
    public func releaseObject() {
        if let pointer { Unmanaged<AnyObject>.fromOpaque(pointer).release() }
    }
}

/// Leases that the host gives back together.
public struct Leases: RandomAccessCollection {
    let raw: UnsafeBufferPointer<UInt64>

    /// The index of the first lease.
    public var startIndex: Int { 0 }
    /// The index after that of the last lease.
    public var endIndex: Int { raw.count }
    /// The lease at an index below `endIndex`.
    public subscript(index: Int) -> Lease { Lease(rawValue: raw[index]) }
}
