import Glibc
import PluginAPI

extension ConformanceCheck {
    /// Check what the thread model promises, and the plugin's own threads.
    static let threadChecks: [ConformanceCheck] = [
        ConformanceCheck(
            .threads,
            "lookups-on-several-find-their-own-values",
            "Operations on four threads at once find their own values.",
            [.t2, .o2]
        ) { trial in
            try trial.withInstance { instance in
                let names = (0..<64).map { trial.key("many:\($0)") }
                for (index, name) in names.enumerated() { trial.end(instance.set(name, "value \(index)")) }
                Threads.run(4) { number in
                    for round in 0..<100 {
                        let index = (round * 7 + number * 13) % names.count
                        if round % 10 == 0 { trial.end(instance.set(names[index], "value \(index)")) }
                        let found = trial.end(instance.get(names[index]))
                        let isRight = found?.values == ["value \(index)"] || found?.statuses == [GW_MISS]
                        trial.expect(isRight, .t2, "mixes up operations of several threads")
                        instance.release(found?.leases ?? [])
                    }
                }
                trial.remove(names, instance)
            }
        },
        ConformanceCheck(
            .threads,
            "one-key-may-be-written-by-several",
            "Four threads that write one key leave the value of one of them.",
            [.t2, .o4]
        ) { trial in
            try trial.withInstance { instance in
                let key = trial.key("contended")
                Threads.run(4) { number in
                    for round in 0..<50 {
                        trial.end(instance.set(key, String(repeating: "\(number)", count: 1 + round * 20)))
                        let found = trial.end(instance.get(key))
                        let value = found?.values.first ?? nil
                        let isWhole = value.map { Set($0).count <= 1 } ?? true
                        trial.expect(isWhole, .t2, "mixes values that were written at once")
                        instance.release(found?.leases ?? [])
                    }
                }
                trial.remove([key], instance)
            }
        },
        ConformanceCheck(
            .threads,
            "everything-else-may-run-beside-operations",
            "ping, cancel, stats and validate run beside operations on other threads.",
            [.t2]
        ) { trial in
            try trial.withInstance { instance in
                Threads.run(4) { number in
                    for round in 0..<60 {
                        switch number {
                        case 0:
                            trial.end(instance.set(trial.key("beside"), "\(round)"))
                            instance.release(trial.end(instance.get(trial.key("beside")))?.leases ?? [])
                        case 1: trial.end(instance.ping(within: trial.subject.patience))
                        case 2: instance.cancel(id: UInt64(round))
                        default: _ = instance.statistics
                        }
                    }
                }
                trial.remove([trial.key("beside")], instance)
            }
        },
        ConformanceCheck(
            .threads,
            "calls-may-come-from-threads-that-end",
            "The threads that call the plugin may end before its operations do.",
            [.t2]
        ) { trial in
            try trial.withInstance { instance in
                for round in 0..<10 {
                    Threads.run(2) { number in _ = instance.set(trial.key("thread:\(number)"), "\(round)") }
                }
                trial.end(instance.ping(within: trial.subject.patience))
                trial.remove([trial.key("thread:0"), trial.key("thread:1")], instance)
            }
        },
        ConformanceCheck(
            .threads,
            "of-its-own-have-signals-blocked",
            "The plugin's threads have all signals blocked.",
            [.t4],
            needs: .process
        ) { trial in
            let before = Set(Threads.all().keys)
            // The signals from 1 to 31, without SIGKILL and SIGSTOP, which cannot be blocked.
            let blockable: UInt64 = 0x7FFF_FFFF & ~(1 << 8) & ~(1 << 18)
            try trial.withInstance { instance in
                trial.end(instance.ping(within: trial.subject.patience))
                // A thread that has just been made has them blocked until it runs for the first time.
                for _ in 0..<3 {
                    usleep(50_000)
                    for (thread, blocked) in Threads.all() where !before.contains(thread) {
                        trial.expect(blocked & blockable == blockable, .t4, "has a thread that signals can reach")
                    }
                }
            }
        },
        ConformanceCheck(
            .threads,
            "of-its-own-are-joined-by-destroy",
            "The plugin's threads are gone when destroy has returned.",
            [.t4],
            needs: .process
        ) { trial in
            let before = Set(Threads.all().keys)
            try trial.withInstance { instance in trial.end(instance.ping(within: trial.subject.patience)) }
            trial.expect(Set(Threads.all().keys).isSubset(of: before), .t4, "leaves threads behind")
        },
        ConformanceCheck(
            .threads,
            "leave-the-process-as-it-is",
            "An instance changes neither directory, umask, signal handlers, environment nor locale.",
            [.p2],
            needs: .process
        ) { trial in
            let before = ProcessState()
            try trial.withInstance { instance in
                trial.exercise(instance, rule: .p2)
                for difference in ProcessState().differences(from: before) {
                    trial.violations.note(.p2, "changes \(difference)")
                }
            }
            for difference in ProcessState().differences(from: before) {
                trial.violations.note(.p2, "changes \(difference)")
            }
        },
    ]
}
