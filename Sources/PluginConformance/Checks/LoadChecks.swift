import Glibc
import PluginAPI

extension ConformanceCheck {
    /// Check what loading the library and calling its entry function does to the process.
    static let loadChecks = [
        ConformanceCheck(
            .load,
            "binds-every-symbol-within-a-second",
            "The dynamic linker finds everything, and the library's initializers take no longer than a second.",
            [.p1],
            needs: [.file, .unloaded, .quiet]
        ) { trial in
            let began = PluginDriver.now
            _ = try trial.load()
            let seconds = Double(PluginDriver.now - began) / 1e9
            trial.expect(seconds < 1, .p1, "takes \(seconds) seconds to load")
        },
        ConformanceCheck(
            .load,
            "starts-no-thread",
            "Neither loading the library nor its entry function starts a thread.",
            [.p1],
            needs: [.file, .unloaded]
        ) { trial in
            let before = Threads.all().count
            _ = try trial.load()
            trial.expect(Threads.all().count <= before, .p1, "starts threads when it is loaded or described")
        },
        ConformanceCheck(
            .load,
            "opens-no-file",
            "Neither loading the library nor its entry function leaves a descriptor open.",
            [.p1],
            needs: [.file, .unloaded]
        ) { trial in
            let before = ProcessState.openDescriptors
            _ = try trial.load()
            trial.expect(ProcessState.openDescriptors <= before, .p1, "opens files when it is loaded or described")
        },
        ConformanceCheck(
            .load,
            "leaves-the-process-as-it-is",
            "Loading changes neither directory, umask, signal handlers, environment nor locale.",
            [.p1, .p2],
            needs: [.file, .unloaded]
        ) { trial in
            let before = ProcessState()
            _ = try trial.load()
            for difference in ProcessState().differences(from: before) {
                trial.violations.note(.p2, "changes \(difference) when it is loaded or described")
            }
        },
        ConformanceCheck(
            .load,
            "gives-the-same-descriptor-each-time",
            "The entry function may be called again, and gives the same descriptor.",
            [.p1, .c1]
        ) { trial in
            for _ in 0..<3 {
                trial.expect(
                    trial.plugin.describeAgain() == trial.plugin.descriptor,
                    .p1,
                    "gives another descriptor when the entry function is called again"
                )
            }
        },
        ConformanceCheck(
            .load,
            "gives-the-same-descriptor-on-any-thread",
            "The entry function may be called on several threads at once.",
            [.p1, .c1]
        ) { trial in
            Threads.run(4) { _ in
                for _ in 0..<50 {
                    trial.expect(
                        trial.plugin.describeAgain() == trial.plugin.descriptor,
                        .p1,
                        "gives another descriptor on another thread"
                    )
                }
            }
        },
        ConformanceCheck(
            .load,
            "describes-itself-while-an-instance-works",
            "The entry function may be called while an instance is in use.",
            [.c1]
        ) { trial in
            try trial.withInstance { instance in
                trial.expect(
                    trial.plugin.describeAgain() == trial.plugin.descriptor,
                    .c1,
                    "gives another descriptor once there is an instance"
                )
                trial.exercise(instance, rule: .c1)
            }
        },
    ]
}

extension Trial {
    /// Loads the library for the first time in this process, and calls its entry function.
    fileprivate func load() throws -> TestedPlugin { try TestedPlugin(library: subject.library ?? "") }
}
