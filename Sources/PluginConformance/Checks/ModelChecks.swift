import PluginAPI

extension ConformanceCheck {
    /// Compare long random sequences of operations with a model of what a cache may answer.
    static let modelChecks = [
        ConformanceCheck(
            .model,
            "random-operations-agree-with-a-model",
            "In a random sequence of all operations, every answer is what a cache may give.",
            [.o4, .l5, .v1]
        ) { trial in
            try ModelRun(trial, keys: 12, steps: 500, largest: 300).run(clock: HostClock())
        },
        ConformanceCheck(
            .model,
            "random-operations-on-few-keys-agree-with-a-model",
            "The same on three keys, where everything is replaced all the time.",
            [.o4, .l5, .v1]
        ) { trial in
            try ModelRun(trial, keys: 3, steps: 500, largest: 5_000).run(clock: HostClock())
        },
        ConformanceCheck(
            .model,
            "random-operations-agree-under-a-host-of-version-1-0",
            "The same in a host of version 1.0 with guarded memory.",
            [.o3, .o4, .l1, .l2],
            needs: .process
        ) { trial in
            try ModelRun(trial, keys: 8, steps: 150, largest: 300, style: .first).run(clock: HostClock())
        },
    ]
}

/// A random sequence of operations, and what the plugin may answer.
///
/// A cache may drop any entry at any time. It may never give a value that was replaced, deleted, flushed or is past its
/// time; and it is suspicious if it drops most of them.
private final class ModelRun {
    private struct Entry {
        var value: [UInt8]
        /// When it is over, on the host's monotonic clock. It is nil where it is kept for as long as there is room.
        var end: UInt64?
    }

    private let trial: Trial
    private let keys: [String]
    private let steps: Int
    private let largest: Int
    private let style: HostStyle
    private var random: SeededValues
    private var entries: [String: Entry] = [:]
    private var reads: [PendingOperation] = []
    private var leases: [UInt64] = []
    private var (hits, losses) = (0, 0)

    init(_ trial: Trial, keys: Int, steps: Int, largest: Int, style: HostStyle = HostStyle()) {
        self.trial = trial
        self.keys = (0..<keys).map { trial.key("\($0 % 2 == 0 ? "even" : "odd"):\($0)") }
        self.steps = steps
        self.largest = largest
        self.style = style
        random = trial.random
    }

    func run(clock: HostClock) throws {
        try trial.withInstance(style, clock: clock) { instance in
            for _ in 0..<steps { step(instance) }
            release(instance)
            trial.remove(keys, instance)
        }
        trial.expect(
            hits + losses < 20 || losses < hits,
            .o4,
            "loses \(losses) of \(hits + losses) entries that are within their time"
        )
    }

    private func step(_ instance: PluginDriver) {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<40: lookUp(some(), instance)
        case 40..<75: store(some(), instance)
        case 75..<83: delete(some(), instance)
        case 83..<86: flush(instance)
        case 86..<90: release(instance)
        case 90..<93: expire(instance)
        case 93..<96: instance.cancel(id: UInt64.random(in: 0...1_000, using: &random))
        case 96..<98: _ = instance.statistics
        default: trial.expect(trial.end(instance.ping())?.status == GW_OK, .o2, "fails a ping between operations")
        }
    }

    /// One to four different keys.
    private func some() -> [String] {
        Array(keys.shuffled(using: &random).prefix(Int.random(in: 1...min(4, trial.batch, keys.count), using: &random)))
    }

    private func lookUp(_ names: [String], _ instance: PluginDriver) {
        let read = instance.get(names)
        guard let found = trial.end(read), found.bytes.count == names.count else {
            return trial.expect(false, .o4, "does not answer a lookup in a random sequence")
        }
        reads.append(read)
        leases += found.leases
        let now = instance.clock.monotonicNanoseconds
        for (name, bytes) in zip(names, found.bytes) {
            let entry = entries[name]
            guard let bytes else {
                if let entry, entry.end.map({ $0 > now }) ?? true { losses += 1 }
                continue
            }
            guard let entry else {
                trial.violations.note(.o4, "finds a key that was deleted, flushed or never stored")
                continue
            }
            hits += 1
            trial.expect(bytes == entry.value, .o4, "gives a value other than the last that was stored")
            // A backend that has a clock of its own does not know that the host's was advanced.
            if let end = entry.end, trial.plugin.has(GW_CAP_TTL), !trial.plugin.has(GW_CAP_SHARED) {
                trial.expect(end > now, .l5, "gives a value that is past its time to live")
            }
        }
    }

    private func store(_ names: [String], _ instance: PluginDriver) {
        let items = names.map { name in
            let value = random.bytes(Int.random(in: 0...largest, using: &random))
            let cut = Int.random(in: 0...value.count, using: &random)
            let ttl: UInt64 = [0, 1_000, 60_000, 3_600_000].randomElement(using: &random) ?? 0
            return TestedItem(name, [Array(value[..<cut]), Array(value[cut...])], ttlMilliseconds: ttl)
        }
        let before = instance.clock.monotonicNanoseconds
        guard let outcome = trial.end(instance.set(items)), outcome.status == GW_OK else {
            return trial.expect(false, .o4, "does not store in a random sequence")
        }
        for (item, status) in zip(items, outcome.statuses) {
            trial.expect(status == GW_OK, .o4, "refuses a small value with \(status)")
            let end = item.ttlMilliseconds == 0 ? nil : before + item.ttlMilliseconds * 1_000_000
            entries[item.key] = Entry(value: item.parts.flatMap(\.self), end: end)
        }
    }

    private func delete(_ names: [String], _ instance: PluginDriver) {
        guard trial.plugin.has(GW_CAP_DELETE), let outcome = trial.end(instance.delete(names)) else { return }
        for (name, status) in zip(names, outcome.statuses) {
            let wasThere = entries.removeValue(forKey: name) != nil
            trial.expect(
                status != GW_OK || wasThere || trial.mayNotKnow([status]),
                .l5,
                "says that it deleted a key that was not there"
            )
        }
    }

    private func flush(_ instance: PluginDriver) {
        guard trial.plugin.has(GW_CAP_FLUSH) else { return }
        let prefix = trial.key(Bool.random(using: &random) ? "even:" : "odd:")
        let outcome = trial.end(instance.flush(prefix))
        let matching = entries.keys.filter { $0.hasPrefix(prefix) }
        trial.expect(Int(outcome?.removed ?? 0) <= matching.count, .l5, "removes more in a flush than there was")
        for name in matching { entries[name] = nil }
    }

    private func release(_ instance: PluginDriver) {
        for read in reads {
            trial.expect(read.hasUnchangedValues(), .v1, "changes a value that is still leased")
        }
        instance.release(leases.shuffled(using: &random))
        (reads, leases) = ([], [])
    }

    private func expire(_ instance: PluginDriver) {
        // A backend with a clock of its own would keep what the model takes for over.
        if !trial.plugin.has(GW_CAP_SHARED) { instance.clock.advance(bySeconds: 0.7) }
    }
}
