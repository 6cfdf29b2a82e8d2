import Glibc
import PluginAPI

extension ConformanceCheck {
    /// Check how instances begin and end.
    static let lifecycleChecks = [
        ConformanceCheck(
            .lifecycle,
            "create-returns-within-a-second",
            "An instance is made within a second.",
            [.c2],
            needs: .quiet
        ) { trial in
            for _ in 0..<3 { try trial.withInstance { _ in } }
        },
        ConformanceCheck(
            .lifecycle,
            "a-dead-backend-does-not-keep-create",
            "An instance is made within a second while nothing listens at the backend's place.",
            [.c2],
            needs: .quiet
        ) { trial in
            let instance = try trial.instance(HostStyle(), trial.deadBackend())
            trial.discard(instance)
        },
        ConformanceCheck(
            .lifecycle,
            "a-silent-backend-does-not-keep-create",
            "An instance is made within a second while the backend accepts connections and says nothing.",
            [.c2],
            needs: .quiet
        ) { trial in
            try trial.withSilentBackend { parameters in
                let instance = try trial.instance(HostStyle(), parameters)
                trial.discard(instance)
            }
        },
        ConformanceCheck(
            .lifecycle,
            "a-dead-backend-does-not-fail-start",
            "start ends by its deadline with GW_OK while nothing listens at the backend's place.",
            [.c4]
        ) { trial in try trial.startsAtDeadline(trial.deadBackend()) },
        ConformanceCheck(
            .lifecycle,
            "a-silent-backend-does-not-fail-start",
            "start ends by its deadline with GW_OK while the backend says nothing.",
            [.c4]
        ) { trial in try trial.withSilentBackend { try trial.startsAtDeadline($0) } },
        ConformanceCheck(
            .lifecycle,
            "a-dead-backend-is-reported-through-health",
            "A backend that is down is reported as down or degraded, or operations say so.",
            [.c4]
        ) { trial in
            let instance = try trial.instance(HostStyle(), trial.deadBackend())
            let isStarted = trial.end(instance.start(within: 0.5))?.status == GW_OK
            let ping = isStarted ? trial.end(instance.ping(within: 1)) : nil
            let isReported = instance.health.contains { $0.state != GW_HEALTH_UP } || (ping?.status ?? GW_OK) < 0
            trial.expect(isReported, .c4, "answers a ping while its backend is down, and reports nothing")
            trial.discard(instance, started: isStarted)
        },
        ConformanceCheck(
            .lifecycle,
            "wrong-parameters-fail-start-with-a-reason",
            "start fails, with a reason, where the instance can never work.",
            [.c4]
        ) { trial in
            try trial.withFailedStart { _, start in
                trial.expect(!start.reason.isEmpty, .c4, "gives no reason for a failed start")
            }
        },
        ConformanceCheck(
            .lifecycle,
            "a-failed-start-is-followed-by-destroy-alone",
            "An instance whose start has failed is destroyed without shutdown, and leaves nothing behind.",
            [.c3, .c6, .t5],
            needs: .process
        ) { trial in
            let (threads, files) = (Threads.all().count, ProcessState.openDescriptors)
            try trial.withFailedStart { _, _ in }
            usleep(100_000)
            trial.expect(Threads.all().count <= threads, .t4, "leaves threads behind after a failed start")
            trial.expect(ProcessState.openDescriptors <= files, .c3, "leaves descriptors open after a failed start")
        },
        ConformanceCheck(
            .lifecycle,
            "operations-may-follow-the-return-of-start",
            "get and set may be called as soon as start has returned, also while it is pending.",
            [.c3]
        ) { trial in
            let instance = try trial.instance()
            let start = instance.start(within: trial.subject.patience)
            let stored = instance.set(trial.key("early"), "1", within: trial.subject.patience)
            let found = instance.get([trial.key("early")], within: trial.subject.patience)
            trial.expect(trial.end(start)?.status == GW_OK, .c4, "does not start")
            trial.end(stored)
            instance.release(trial.end(found)?.leases ?? [])
            trial.exercise(instance, rule: .c3)
            trial.finish(instance)
        },
        ConformanceCheck(
            .lifecycle,
            "two-instances-exist-side-by-side",
            "Two instances with the same parameters work, and one goes on when the other has ended.",
            [.c8, .t5]
        ) { trial in
            try trial.need(!trial.plugin.has(GW_CAP_EXCLUSIVE), "the plugin announces GW_CAP_EXCLUSIVE")
            try trial.withInstance { first in
                try trial.withInstance { second in trial.exercise(second, rule: .c8) }
                trial.exercise(first, rule: .c8)
            }
        },
        ConformanceCheck(
            .lifecycle,
            "instances-follow-one-another",
            "Ten instances after one another each work.",
            [.c1]
        ) { trial in
            for _ in 0..<10 { try trial.withInstance { trial.storeAndFind("again", [[1, 2, 3]], $0, rule: .c1) } }
        },
        ConformanceCheck(
            .lifecycle,
            "shutdown-ends-what-is-pending",
            "shutdown completes what is pending, or lets it be completed before.",
            [.c5, .o2]
        ) { trial in
            let instance = try trial.started()
            let pending = (0..<20).map { _ in instance.ping(within: trial.subject.patience) }
            let shutdown = instance.beginShutdown(within: trial.subject.patience)
            for operation in pending { trial.end(operation) }
            trial.expect(trial.end(shutdown)?.status == GW_OK, .c5, "does not finish shutdown with GW_OK")
            try? instance.destroy()
            trial.take(instance)
        },
        ConformanceCheck(
            .lifecycle,
            "shutdown-waits-for-leases",
            "shutdown ends when the last lease is released, and leased values stay as they are until then.",
            [.c5, .v1]
        ) { trial in
            let instance = try trial.started()
            trial.end(instance.set(trial.key("kept"), "a value that is read until the end", ttl: 5_000))
            let read = instance.get(trial.key("kept"))
            let leases = trial.end(read)?.leases ?? []
            let shutdown = instance.beginShutdown(within: trial.subject.patience)
            if !leases.isEmpty {
                trial.expect(shutdown.wait(seconds: 0.05) == nil, .v1, "finishes shutdown while a value is leased")
            }
            trial.expect(read.hasUnchangedValues(), .v1, "changes a leased value during shutdown")
            instance.release(leases)
            trial.expect(trial.end(shutdown)?.status == GW_OK, .c5, "does not finish shutdown with GW_OK")
            try? instance.destroy()
            trial.take(instance)
        },
        ConformanceCheck(
            .lifecycle,
            "shutdown-ends-by-its-deadline-at-a-silent-backend",
            "shutdown ends by its deadline while the backend answers nothing.",
            [.c5]
        ) { trial in
            try trial.withSilentBackend { parameters in
                let instance = try trial.instance(HostStyle(), parameters)
                guard trial.end(instance.start(within: 0.3))?.status == GW_OK else {
                    return trial.discard(instance, started: false)
                }
                let pending = (0..<5).map { _ in instance.ping(within: 5) }
                let began = PluginDriver.now
                let outcome = instance.beginShutdown(within: 1).wait(seconds: 4)
                let seconds = Double(PluginDriver.now - began) / 1e9
                trial.expect(outcome != nil && seconds < 2, .c5, "takes \(seconds) seconds for a shutdown within one")
                if outcome != nil { try? instance.destroy() }
                for operation in pending { trial.end(operation) }
                trial.take(instance)
            }
        },
        ConformanceCheck(
            .lifecycle,
            "nothing-is-called-after-destroy",
            "The plugin calls nothing once destroy has returned.",
            [.t5]
        ) { trial in
            let instance = try trial.started()
            for index in 0..<20 { trial.end(instance.set(trial.key("last"), "\(index)")) }
            trial.remove([trial.key("last")], instance)
            trial.end(instance.beginShutdown(within: trial.subject.patience))
            try? instance.destroy()
            // This is long enough for a thread that was left behind to call the host.
            usleep(150_000)
            trial.take(instance)
        },
        ConformanceCheck(
            .lifecycle,
            "destroy-returns-within-a-second",
            "destroy returns within a second, also with many entries.",
            [.c6],
            needs: .quiet
        ) { trial in
            try trial.withInstance { instance in
                let count = min(2_000, 100 * trial.batch)
                for first in stride(from: 0, to: count, by: trial.batch) {
                    let items = (first..<min(count, first + trial.batch)).map {
                        TestedItem(
                            trial.key("many:\($0)"),
                            [[UInt8](repeating: 7, count: 500)],
                            ttlMilliseconds: 20_000
                        )
                    }
                    trial.end(instance.set(items))
                }
                if trial.plugin.has(GW_CAP_FLUSH) { trial.end(instance.flush(trial.prefix)) }
            }
        },
    ]
}

extension Trial {
    /// An instance that has been started.
    func started(_ style: HostStyle = HostStyle()) throws -> PluginDriver {
        let instance = try instance(style)
        expect(end(instance.start(within: subject.patience))?.status == GW_OK, .c4, "does not start")
        return instance
    }

    /// Starts with a deadline of half a second.
    fileprivate func startsAtDeadline(_ parameters: [String: String]) throws {
        let instance = try instance(HostStyle(), parameters)
        let began = PluginDriver.now
        let start = end(instance.start(within: 0.5))
        let seconds = Double(PluginDriver.now - began) / 1e9
        expect(seconds < 1.5, .c4, "takes \(seconds) seconds for a start within half a second")
        expect(start?.status == GW_OK, .c4, "fails to start because the backend is down: \(start?.reason ?? "")")
        discard(instance, started: start?.status == GW_OK)
    }

    /// Calls `body` with an instance whose start has failed, and destroys it.
    fileprivate func withFailedStart(_ body: (PluginDriver, PendingOperation.Outcome) -> Void) throws {
        guard let impossible = subject.impossible else {
            throw Skipped(reason: "no parameters are known with which start fails; name them with --impossible")
        }
        try need(descriptor.start != nil, "the plugin has no function 'start'")
        let instance = try instance(HostStyle(), subject.configured.merging(impossible) { $1 })
        guard let start = end(instance.start(within: subject.patience)) else { return }
        expect(start.status < 0, .c4, "starts with parameters with which it should not")
        body(instance, start)
        discard(instance, started: start.status == GW_OK)
    }
}
