/// Which entries were purged: all whose calls began before a time, and those of labels and keys whose calls began before
/// theirs. Times are Unix times in milliseconds. It is a value without a clock.
///
/// Two sets are merged by the later time of each mark, in any order and as often as wanted, so that gateways which tell
/// each other their sets agree. The set is bounded: where it has no room for another label, its older half becomes one
/// mark for everything, which removes more than was asked for and never less.
public struct PurgeMarks: Sendable, Equatable {
    /// What a purge names.
    public enum Scope: Sendable, Hashable {
        case all
        /// A model, a tenant or a tag.
        case label(EntryLabel)
        /// The entry of one key. The backend is told to delete it too, so that the mark is only for calls that are in
        /// progress, and is dropped after `keyLife`.
        case key(EntryLabel)
    }

    /// The most labels that are kept.
    public static let mostLabels = 1024
    /// The most keys that are kept. Of more, the oldest marks are dropped.
    public static let mostKeys = 2048
    /// How long the mark of a key is kept, in milliseconds: longer than a call to a model may take.
    public static let keyLife: UInt64 = 3_600_000
    /// How far in the future a mark of another gateway may be, in milliseconds, because clocks differ. What is beyond is
    /// not believed.
    public static let longestLead: UInt64 = 300_000

    /// Everything whose call began before this is purged.
    public private(set) var floor: UInt64 = 0
    private(set) var labels: [EntryLabel: UInt64] = [:]
    private(set) var keys: [EntryLabel: UInt64] = [:]
    /// The latest of all times.
    private var newest: UInt64 = 0

    public init() {}

    /// How many labels have a mark.
    public var labelCount: Int { labels.count }
    /// How many keys have a mark.
    public var keyCount: Int { keys.count }
    /// Whether nothing was purged.
    public var isEmpty: Bool { floor == 0 && labels.isEmpty && keys.isEmpty }

    // MARK: Asking

    /// Whether an entry was purged.
    public func cover(_ facts: CallFacts, key: @autoclosure () -> EntryLabel) -> Bool {
        if facts.began < floor { return true }
        guard facts.began < newest else { return false }
        if !keys.isEmpty, let time = keys[key()], facts.began < time { return true }
        guard !labels.isEmpty else { return false }
        if let time = labels[key()], facts.began < time { return true }
        guard let known = facts.labels else { return labels.values.contains { facts.began < $0 } }
        return known.contains { label in labels[label].map { facts.began < $0 } ?? false }
    }

    /// Whether this set has every mark of another one, or a later one in its place.
    func includes(_ other: PurgeMarks) -> Bool {
        floor >= other.floor && other.labels.allSatisfy { (labels[$0] ?? floor) >= $1 }
            && other.keys.allSatisfy { (keys[$0] ?? floor) >= $1 }
    }

    // MARK: Adding

    /// Adds a mark: what the scope names is purged if its call began before `time`.
    ///
    /// - Parameter now: the present time, by which marks of keys are dropped.
    public mutating func add(_ scope: Scope, before time: UInt64, at now: UInt64) {
        switch scope {
        case .all: raise(to: time)
        case .label(let label):
            guard time > max(floor, labels[label] ?? 0) else { return }
            labels[label] = time
        case .key(let label):
            guard time > max(floor, keys[label] ?? 0) else { return }
            keys[label] = time
        }
        bound(at: now)
    }

    /// Adds the marks of another set.
    mutating func merge(_ other: PurgeMarks, at now: UInt64) {
        raise(to: other.floor)
        for (label, time) in other.labels where time > max(floor, labels[label] ?? 0) { labels[label] = time }
        for (label, time) in other.keys where time > max(floor, keys[label] ?? 0) { keys[label] = time }
        bound(at: now)
    }

    /// The set without the marks that no gateway can have made yet.
    func believed(at now: UInt64) -> PurgeMarks {
        let latest = now.addingReportingOverflow(Self.longestLead).partialValue
        guard newest > latest else { return self }
        var believed = PurgeMarks()
        believed.floor = floor <= latest ? floor : 0
        believed.labels = labels.filter { $0.value <= latest }
        believed.keys = keys.filter { $0.value <= latest }
        believed.bound(at: now)
        return believed
    }

    private mutating func raise(to time: UInt64) {
        guard time > floor else { return }
        floor = time
        labels = labels.filter { $0.value > time }
        keys = keys.filter { $0.value > time }
    }

    /// Drops the marks of keys that are over, and makes room for the next mark.
    private mutating func bound(at now: UInt64) {
        if !keys.isEmpty { keys = keys.filter { now < $0.value.addingReportingOverflow(Self.keyLife).partialValue } }
        if keys.count > Self.mostKeys {
            let oldest = keys.values.sorted()[keys.count - Self.mostKeys - 1]
            keys = keys.filter { $0.value > oldest }
        }
        if labels.count > Self.mostLabels { raise(to: labels.values.sorted()[labels.count / 2]) }
        newest = max(floor, labels.values.max() ?? 0, keys.values.max() ?? 0)
    }

    // MARK: As bytes

    /// The set as bytes, little-endian: a version, the time for everything, the numbers of labels and keys, and each of
    /// them with its time. Equal sets have equal bytes.
    var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.fixedLength + (labels.count + keys.count) * Self.markLength)
        func append(_ number: UInt64) { withUnsafeBytes(of: number.littleEndian) { bytes += $0 } }
        append(Self.version)
        append(floor)
        append(UInt64(labels.count))
        append(UInt64(keys.count))
        for marks in [labels, keys] {
            for (label, time) in marks.sorted(by: { ($0.key.first, $0.key.second) < ($1.key.first, $1.key.second) }) {
                append(label.first)
                append(label.second)
                append(time)
            }
        }
        return bytes
    }

    /// Reads a set. It is nil for what is none.
    init?(encoded bytes: UnsafeRawBufferPointer) {
        func number(_ offset: Int) -> UInt64 {
            UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
        guard bytes.count >= Self.fixedLength, number(0) == Self.version else { return nil }
        let (labelCount, keyCount) = (number(16), number(24))
        guard labelCount <= UInt64(Self.mostLabels), keyCount <= UInt64(Self.mostKeys),
            bytes.count == Self.fixedLength + Int(labelCount + keyCount) * Self.markLength
        else { return nil }
        floor = number(8)
        newest = floor
        for index in 0..<Int(labelCount + keyCount) {
            let offset = Self.fixedLength + index * Self.markLength
            let (label, time) = (EntryLabel(bytes, at: offset), number(offset + EntryLabel.length))
            if index < Int(labelCount) { labels[label] = time } else { keys[label] = time }
            newest = max(newest, time)
        }
    }

    private static let version: UInt64 = 1
    private static let fixedLength = 32
    private static let markLength = EntryLabel.length + 8
    /// How many bytes the longest set has.
    static let longest = fixedLength + (mostLabels + mostKeys) * markLength
}
