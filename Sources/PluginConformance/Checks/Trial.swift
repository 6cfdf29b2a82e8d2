import Glibc
import PluginAPI
import Synchronization

/// A running check: it makes instances, and records violations of the rules.
struct Trial: Sendable {
    /// Thrown by a check that does not apply to a plugin.
    struct Skipped: Error {
        let reason: String
    }

    /// Whether an operation did not end in time.
    private final class Hang: Sendable {
        private let state = Atomic<Bool>(false)

        var isNoted: Bool { state.load(ordering: .relaxed) }

        func note() { state.store(true, ordering: .relaxed) }
    }

    let subject: ConformanceSuite
    let violations: ViolationLog
    /// The prefix of the trial's keys, which makes them distinct from all other keys in a shared backend.
    let prefix: String
    /// The seed of everything random in this trial.
    let seed: UInt64
    private let hang = Hang()

    init(subject: ConformanceSuite, violations: ViolationLog, prefix: String, seed: UInt64) {
        self.subject = subject
        self.violations = violations
        self.prefix = prefix
        self.seed = seed
    }

    var plugin: TestedPlugin { subject.plugin }
    var descriptor: gw_plugin { plugin.descriptor.pointee }
    var random: SeededValues { SeededValues(seed: seed) }

    /// Makes an instance, which is not started yet.
    func instance(
        _ style: HostStyle = HostStyle(),
        _ parameters: [String: String]? = nil,
        clock: HostClock = HostClock()
    ) throws(PluginDriver.Complaint) -> PluginDriver {
        do {
            return try PluginDriver(
                plugin,
                parameters ?? subject.configured,
                environment: subject.environment,
                style: style,
                clock: clock
            )
        } catch {
            for violation in error.violations { violations.note(violation.rule, violation.what) }
            throw error
        }
    }

    /// Runs `body` with an instance that has been started, and then shuts the instance down and frees it.
    func withInstance(
        _ style: HostStyle = HostStyle(),
        _ parameters: [String: String]? = nil,
        clock: HostClock = HostClock(),
        _ body: (PluginDriver) throws -> Void
    ) throws {
        let instance = try instance(style, parameters, clock: clock)
        defer { finish(instance) }
        let start = end(instance.start(within: subject.patience))
        guard start?.status == GW_OK else {
            throw PluginDriver.Complaint(
                description: "the plugin does not start: \(start?.reason ?? "it takes too long")"
            )
        }
        try body(instance)
    }

    /// Shuts an instance down, frees it, and takes over what it did wrong.
    func finish(_ instance: PluginDriver) {
        let outcome = end(instance.beginShutdown(within: subject.patience))
        expect(outcome?.status == GW_OK, .c5, "does not finish shutdown with GW_OK")
        try? instance.destroy()
        take(instance)
    }

    /// Takes over what an instance did wrong.
    func take(_ instance: PluginDriver) {
        for violation in instance.violations { violations.note(violation.rule, violation.what) }
    }

    /// Waits for an operation. One that does not end is a violation.
    @discardableResult
    func end(_ operation: PendingOperation) -> PendingOperation.Outcome? {
        // Where one operation hangs, others do. The rest of the check must not take hours.
        let outcome = operation.wait(seconds: hang.isNoted ? 0.01 : subject.patience)
        if outcome == nil { hang.note() }
        expect(outcome != nil, .o2, "does not complete an operation within \(subject.patience) seconds")
        return outcome
    }

    func expect(_ condition: Bool, _ rule: Rule, _ what: @autoclosure () -> String) {
        violations.expect(condition, rule, what())
    }

    func key(_ name: String) -> String { prefix + name }

    /// Ends the check unless the plugin has a capability.
    func need(_ capability: UInt32, _ name: String) throws {
        try need(plugin.has(capability), "the plugin does not announce \(name)")
    }

    /// Ends the check unless a condition holds.
    func need(_ condition: Bool, _ reason: String) throws {
        if !condition { throw Skipped(reason: reason) }
    }

    /// How many items a batch has.
    var batch: Int { min(16, largestBatch) }

    /// How many items one operation may have.
    var largestBatch: Int { descriptor.max_batch == 0 ? .max : Int(descriptor.max_batch) }

    /// Whether these are answers to deletions by a backend that does not say whether there was such a key, as S3 does
    /// not. A plugin that keeps its entries itself knows.
    func mayNotKnow(_ statuses: [Int32]) -> Bool { plugin.has(GW_CAP_SHARED) && statuses.allSatisfy { $0 == GW_OK } }

    /// Removes keys that a check has stored, if the plugin can.
    func remove(_ keys: [String], _ instance: PluginDriver) {
        guard plugin.has(GW_CAP_DELETE) else { return }
        for key in keys { end(instance.delete(key)) }
    }
}

extension Trial {
    /// Stores a value and looks it up.
    ///
    /// A cache may drop an entry at any time, such as where it has one place for several keys. So another key is tried
    /// where nothing is found, and only a plugin that never finds what it has just stored is defective.
    ///
    /// - Returns: the key under which it was found, or nil.
    @discardableResult
    func storeAndFind(
        _ name: String,
        _ parts: [[UInt8]],
        _ instance: PluginDriver,
        rule: Rule = .o4,
        ttl: UInt64 = 60_000,
        removes: Bool = true
    ) -> String? {
        let value = parts.flatMap(\.self)
        for attempt in 0..<4 {
            let key = key(attempt == 0 ? name : "\(name)\(attempt)")
            guard let stored = end(instance.set([TestedItem(key, parts, ttlMilliseconds: ttl)])) else { return nil }
            guard stored.status == GW_OK, stored.statuses == [GW_OK] else {
                expect(
                    [GW_E2BIG, GW_ENOSPC].contains(stored.statuses.first ?? stored.status),
                    rule,
                    "does not store a value of \(value.count) bytes: \(stored.statuses.first ?? stored.status) "
                        + stored.reason
                )
                return nil
            }
            let found = end(instance.get(key))
            defer {
                instance.release(found?.leases ?? [])
                if removes { remove([key], instance) }
            }
            guard found?.statuses == [GW_MISS] else {
                expect(found?.bytes == [value], rule, "gives another value than the \(value.count) bytes stored")
                return found?.bytes == [value] ? key : nil
            }
        }
        violations.note(rule, "does not find a value of \(value.count) bytes that it has just stored")
        return nil
    }

    /// Uses every function once, and finds what it stored.
    func exercise(_ instance: PluginDriver, rule: Rule) {
        storeAndFind("one", [Array("first".utf8), Array("second".utf8)], instance, rule: rule)
        let names = (0..<min(3, batch)).map { key("batch:\($0)") }
        let items = names.map { TestedItem($0, [Array($0.utf8)], ttlMilliseconds: 60_000) }
        let stored = end(instance.set(items))
        expect(stored?.statuses == items.map { _ in GW_OK }, rule, "does not store a batch of \(items.count)")
        let found = end(instance.get(names))
        let isRight = found.map { zip($0.values, names).allSatisfy { $0 == nil || $0 == $1 } } ?? false
        expect(isRight && found?.bytes.count == names.count, rule, "does not answer a batch of \(names.count)")
        instance.release(found?.leases ?? [])
        if plugin.has(GW_CAP_DELETE) {
            for first in stride(from: 0, to: names.count, by: max(1, batch)) {
                end(instance.delete(Array(names[first..<min(names.count, first + batch)])))
            }
        }
        if plugin.has(GW_CAP_FLUSH) { end(instance.flush(prefix)) }
        expect(end(instance.ping(within: subject.patience))?.status == GW_OK, rule, "fails a ping")
        if plugin.has(GW_CAP_STATS) { _ = instance.statistics }
        instance.cancel(id: .max)
    }
}

/// Random values that are the same for the same seed (SplitMix64).
struct SeededValues: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }
}
