public import PluginAPI

/// What every operation has. The operation and all that it points to belong to the host and may be used, by one
/// thread at a time, until the operation is done, rejected or completed (rule O-3).
public protocol CacheOperation: Sendable {
    /// What every operation struct begins with.
    var head: gw_op { get }
    /// The host that asked for it.
    var host: Host { get }
}

extension CacheOperation {
    /// Names the operation in `cancel`.
    public var id: UInt64 { head.id }

    /// When the host loses interest, on the clock of `Host.monotonicNanoseconds`. It is nil where it never does (rule O-6).
    public var deadline: UInt64? { head.deadline_ns == 0 ? nil : head.deadline_ns }

    /// The W3C traceparent of the request behind the operation. It is nil where there is none.
    public var trace: UnsafeRawBufferPointer? { head.trace.map { UnsafeRawBufferPointer($0.pointee) } }

    /// Takes the promise to complete the operation later. Call it once, and return `.pending`.
    public func completeLater() -> Completion { Completion(host: host, head: head) }

    /// Explains a failure of the whole operation to the operator; return the result.
    public func reject(_ status: Status, _ reason: String) -> OperationProgress {
        head.error?.explain(status, reason)
        return .rejected(status)
    }
}

/// ping, start and shutdown.
///
/// Unchecked, because it points to memory of the host, which is this operation's alone (rule O-3).
public struct PlainOperation: CacheOperation, @unchecked Sendable {
    let raw: UnsafeMutablePointer<gw_plain_op>
    public let host: Host

    public var head: gw_op { raw.pointee.op }
}

/// Removes every entry whose key begins with a prefix, and no other.
///
/// Unchecked, because it points to memory of the host, which is this operation's alone (rule O-3).
public struct FlushOperation: CacheOperation, @unchecked Sendable {
    let raw: UnsafeMutablePointer<gw_flush_op>
    public let host: Host

    public var head: gw_op { raw.pointee.op }

    /// Never empty.
    public var prefix: UnsafeRawBufferPointer { UnsafeRawBufferPointer(raw.pointee.prefix) }

    /// Tells how many entries were removed.
    public func report(removed: UInt64) { raw.pointee.removed = removed }
}

/// Removes keys. Each has its own status, `.ok` unless set otherwise.
///
/// Unchecked, because it points to memory of the host, which is this operation's alone (rule O-3).
public struct DeleteOperation: CacheOperation, @unchecked Sendable {
    let raw: UnsafeMutablePointer<gw_del_op>
    public let host: Host

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

    public func set(_ index: Int, _ status: Status) {
        guard index >= 0, index < count else { return }
        raw.pointee.statuses?[index] = status.rawValue
    }
}
