public import PluginAPI

/// The common part of every operation. The operation and all that it points to belong to the host and may be used, by
/// one thread at a time, until the operation is done, rejected or completed (rule O-3).
public protocol CacheOperation: Sendable {
    /// The struct with which every operation struct begins.
    var head: gw_op { get }
    /// The host that started the operation.
    var host: Host { get }
}

extension CacheOperation {
    /// The id of the operation in `cancel`.
    public var id: UInt64 { head.id }

    /// When the host stops waiting, on the clock of `Host.monotonicNanoseconds`. It is nil where the operation has no
    /// deadline (rule O-6).
    public var deadline: UInt64? { head.deadline_ns == 0 ? nil : head.deadline_ns }

    /// Returns the promise to complete the operation later. Call it once, and return `.pending`.
    public func completeLater() -> Completion { Completion(host: host, head: head) }

    /// Writes the reason of a failure of the whole operation for the operator. Return the result.
    /// - Parameters:
    ///   - reason: what happened, in one line without secrets.
    ///   - retryAfter: the time after which trying again may succeed. It is nil where that is not known.
    public func reject(_ status: Status, _ reason: String, retryAfter: Duration? = nil) -> OperationProgress {
        head.error?.explain(status, reason, retryAfter: retryAfter)
        return .rejected(status)
    }
}

/// An operation without arguments: ping, start or shutdown.
///
/// It is unchecked because it points to memory of the host that belongs to this operation alone (rule O-3).
public struct PlainOperation: CacheOperation, @unchecked Sendable {
    let raw: UnsafeMutablePointer<gw_plain_op>
    /// The host that started the operation.
    public let host: Host

    /// The struct with which the operation begins.
    public var head: gw_op { raw.pointee.op }
}

/// Removes every entry whose key begins with a prefix, and no other.
///
/// It is unchecked because it points to memory of the host that belongs to this operation alone (rule O-3).
public struct FlushOperation: CacheOperation, @unchecked Sendable {
    let raw: UnsafeMutablePointer<gw_flush_op>
    /// The host that started the operation.
    public let host: Host

    /// The struct with which the operation begins.
    public var head: gw_op { raw.pointee.op }

    /// The prefix, which is never empty.
    public var prefix: UnsafeRawBufferPointer { UnsafeRawBufferPointer(raw.pointee.prefix) }

    /// Reports how many entries were removed.
    public func report(removed: UInt64) { raw.pointee.removed = removed }
}

/// Removes keys. Each has its own status, `.ok` unless set otherwise.
///
/// It is unchecked because it points to memory of the host that belongs to this operation alone (rule O-3).
public struct DeleteOperation: CacheOperation, @unchecked Sendable {
    let raw: UnsafeMutablePointer<gw_del_op>
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

    /// Reports that there was no such key, or an error of one key.
    public func set(_ index: Int, _ status: Status) {
        guard index >= 0, index < count else { return }
        raw.pointee.statuses?[index] = status.rawValue
    }
}
