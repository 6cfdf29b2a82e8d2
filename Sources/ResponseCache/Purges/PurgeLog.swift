public import NIOCore
import Synchronization

/// The purges that a gateway knows of, for all event loops over one backend, and when to look for those of other gateways.
///
/// Gateways that share a backend tell each other by one record in it, under a key of its own in their namespace. Whoever
/// looks an answer up when the record is due reads it in the same query. Until it was read once, no entry may be served.
public final class PurgeLog: Sendable {
    /// The key of the record. It is nil where the entries are neither shared nor outlive the process.
    public let recordKey: CacheKey?
    /// How long what is known of other gateways' purges is relied on, in nanoseconds.
    private let interval: Atomic<Int64>

    private let marks = Mutex(PurgeMarks())
    /// Twice the number of changes of the marks, and 1 more while the record is unread.
    private let changes: Atomic<UInt64>
    /// When the record is to be read next, in nanoseconds of uptime.
    private let due: Atomic<Int64>
    private let isRecordUnreadable = Atomic<Bool>(false)

    /// - Parameters:
    ///   - recordKey: the key of the record. It is nil where there is none.
    ///   - interval: how long what is known of other gateways' purges is relied on. It is nil where no other gateway
    ///     shares the entries, so that the record is read once.
    public init(recordKey: CacheKey? = nil, interval: TimeAmount? = nil) {
        self.recordKey = recordKey
        self.interval = Atomic((interval ?? .nanoseconds(.max)).nanoseconds)
        due = Atomic(recordKey == nil ? .max : 0)
        changes = Atomic(recordKey == nil ? 0 : 1)
    }

    /// [any thread] Changes how long what is known of other gateways' purges is relied on, from the next time on.
    public func relyOnRecord(for interval: TimeAmount?) {
        self.interval.store((interval ?? .nanoseconds(.max)).nanoseconds, ordering: .relaxed)
    }

    /// When a record that is read now is to be read again.
    private func next(after now: Int64) -> Int64 {
        let next = now.addingReportingOverflow(interval.load(ordering: .relaxed))
        return next.overflow ? .max : next.partialValue
    }

    /// Changes with what was purged. It is 0 where nothing was and the record was read: to a look-up, purges that there
    /// are not cost one load and one branch.
    var version: UInt64 { changes.load(ordering: .acquiring) }

    /// [any thread] What was purged.
    public var current: PurgeMarks { marks.withLock { $0 } }

    /// [any thread] Whether the record was read, or there is none.
    public var isKnown: Bool { version & 1 == 0 }

    /// [any thread] Whether the backend's record was damaged or forged when it was read last.
    public var hasUnreadableRecord: Bool { isRecordUnreadable.load(ordering: .relaxed) }

    /// [any thread] Whether an answer is purged whose call is in progress or was.
    public func cover(_ facts: CallFacts, key: CacheKey) -> Bool {
        version > 1 && marks.withLock { $0.cover(facts, key: EntryLabel(key: key)) }
    }

    /// [any thread] Adds purges. They apply to all look-ups that begin when this has returned.
    public func add(_ scopes: [PurgeMarks.Scope], before time: UInt64, at now: UInt64) {
        change { marks in for scope in scopes { marks.add(scope, before: time, at: now) } }
    }

    // MARK: The record

    /// Whether the caller is to read the record in its query. While it is unread everybody is, and later one caller for
    /// each interval.
    @inline(__always)
    func takesRecord(at now: NIODeadline) -> Bool {
        due.load(ordering: .relaxed) <= Int64(clamping: now.uptimeNanoseconds) && claimsRecord(at: now)
    }

    private func claimsRecord(at now: NIODeadline) -> Bool {
        if !isKnown { return true }
        let last = due.load(ordering: .relaxed)
        let now = Int64(clamping: now.uptimeNanoseconds)
        guard last <= now else { return false }
        return due.compareExchange(expected: last, desired: next(after: now), ordering: .relaxed).exchanged
    }

    /// The record was read.
    ///
    /// - Parameter record: the marks in it. It is nil where there is no record, or none that can be read.
    /// - Returns: the marks to write into the record, because it lacks some of them. It is nil where it has them all.
    func noteRecord(_ record: PurgeMarks?, isUnreadable: Bool, at now: CacheInstant) -> PurgeMarks? {
        isRecordUnreadable.store(isUnreadable, ordering: .relaxed)
        let record = record?.believed(at: now.unixMilliseconds) ?? PurgeMarks()
        let known = change { $0.merge(record, at: now.unixMilliseconds) }
        // The marks come first: whoever finds the record read must find them too.
        if changes.bitwiseAnd(~1, ordering: .acquiringAndReleasing).oldValue & 1 == 1 {
            due.store(next(after: Int64(clamping: now.monotonic.uptimeNanoseconds)), ordering: .relaxed)
        }
        return record.includes(known) ? nil : known
    }

    /// Changes the marks, and returns them as they are then.
    @discardableResult
    private func change(_ body: (inout PurgeMarks) -> Void) -> PurgeMarks {
        marks.withLock { marks in
            let before = marks
            body(&marks)
            if marks != before { changes.add(2, ordering: .releasing) }
            return marks
        }
    }
}
