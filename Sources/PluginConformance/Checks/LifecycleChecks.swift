import Glibc
import PluginAPI

extension ConformanceCheck {
    /// Check how instances begin and end.
    static let lifecycleChecks = [
        ConformanceCheck("Only declared parameters are read when an instance is made", [.p5]) { trial in
            try trial.withInstance { _ in }
        },

        ConformanceCheck("Two instances exist side by side, and one goes on when the other has ended", [.t5]) { trial in
            try trial.withInstance { first in
                try trial.withInstance { second in
                    _ = trial.end(second.set(trial.key("second"), "2"))
                }
                let stored = trial.end(first.set(trial.key("first"), "1"))
                trial.expect(stored?.statuses == [GW_OK], .t5, "ends one instance together with another")
                trial.remove([trial.key("first"), trial.key("second")], first)
            }
        },

        ConformanceCheck(
            "Shutdown completes what is pending and waits for leases, and nothing is called after destroy",
            [.o2, .v1, .t5]
        ) { trial in
            let instance = try PluginDriver(
                trial.plugin,
                trial.subject.configured,
                environment: trial.subject.environment
            )
            _ = trial.end(instance.start(within: trial.subject.patience))
            _ = trial.end(instance.set(trial.key("kept"), "a value that is read until the end", ttl: 5_000))
            let read = instance.get(trial.key("kept"))
            let found = trial.end(read)
            let pending = (0..<20).map { _ in instance.ping(within: trial.subject.patience) }
            let shutdown = instance.beginShutdown(within: trial.subject.patience)
            for operation in pending { _ = trial.end(operation) }
            if found?.leases.isEmpty == false {
                trial.expect(
                    shutdown.wait(seconds: 0.05) == nil,
                    .v1,
                    "finishes shutdown while a value is leased"
                )
            }
            trial.expect(read.hasUnchangedValues(), .v1, "changes a leased value during shutdown")
            instance.release(found?.leases ?? [])
            trial.expect(trial.end(shutdown)?.status == GW_OK, .o2, "does not finish shutdown with GW_OK")
            try? instance.destroy()
            // This is long enough for a thread that was left behind to call the host.
            usleep(100_000)
            for violation in instance.violations { trial.violations.note(violation.rule, violation.what) }
        },

        ConformanceCheck(
            "The plugin's threads have all signals blocked and are gone when it is destroyed",
            [.t4],
            needsProcess: true
        ) { trial in
            let before = Set(Threads.all().keys)
            // The signals from 1 to 31, without SIGKILL and SIGSTOP, which cannot be blocked.
            let blockable: UInt64 = 0x7FFF_FFFF & ~(1 << 8) & ~(1 << 18)
            try trial.withInstance { instance in
                _ = trial.end(instance.ping(within: trial.subject.patience))
                for (thread, blocked) in Threads.all() where !before.contains(thread) {
                    trial.expect(blocked & blockable == blockable, .t4, "has a thread that signals can reach")
                }
            }
            trial.expect(Set(Threads.all().keys).isSubset(of: before), .t4, "leaves threads behind")
        },

        ConformanceCheck(
            "The plugin leaves the working directory, the umask and the signal handlers as they are",
            [.p2],
            needsProcess: true
        ) { trial in
            let before = ProcessState()
            try trial.withInstance { instance in _ = trial.end(instance.ping(within: trial.subject.patience)) }
            trial.expect(
                ProcessState() == before,
                .p2,
                "changes the working directory, the umask or a signal's handler"
            )
        },
    ]
}

/// The state of the process that a plugin must not change (rule P-2).
private struct ProcessState: Equatable {
    private let directory: String
    private let mask: mode_t
    private let handlers: [UInt]

    init() {
        var path = [CChar](repeating: 0, count: 4096)
        directory = getcwd(&path, path.count).map { String(cString: $0) } ?? ""
        mask = umask(0)
        _ = umask(mask)
        handlers = (1..<32).map { signal in
            var action = sigaction()
            _ = sigaction(Int32(signal), nil, &action)
            return withUnsafeBytes(of: action.__sigaction_handler) { $0.load(as: UInt.self) }
        }
    }
}
