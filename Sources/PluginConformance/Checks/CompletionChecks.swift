import PluginAPI

extension ConformanceCheck {
    /// Check that each operation ends exactly once.
    static let completionChecks: [ConformanceCheck] =
        [
            once("get", []) { trial, instance in instance.get(trial.key("once")) },
            once("set", []) { trial, instance in instance.set(trial.key("once"), "value") },
            once("delete", [GW_CAP_DELETE]) { trial, instance in instance.delete(trial.key("once")) },
            once("flush", [GW_CAP_FLUSH]) { trial, instance in instance.flush(trial.key("once")) },
            once("ping", []) { _, instance in instance.ping() },
        ] + [
            ConformanceCheck(
                .completion,
                "a-thousand-at-once-end-once-each",
                "A thousand lookups that are pending at once are each completed once.",
                [.o2]
            ) { trial in
                try trial.withInstance { instance in
                    guard let key = trial.storeAndFind("one", [[1, 2]], instance, removes: false) else { return }
                    let reads = (0..<1_000).map { _ in instance.get(key) }
                    for read in reads {
                        let found = trial.end(read)
                        // A plugin may refuse operations beyond its limits.
                        let isRight = found?.bytes == [[1, 2]] || found?.status == GW_EBUSY
                        trial.expect(isRight, .o2, "loses operations when a thousand are pending")
                        instance.release(found?.leases ?? [])
                    }
                    trial.remove([key], instance)
                }
            },
            ConformanceCheck(
                .completion,
                "answers-reach-their-own-operations",
                "Different lookups that are pending at once get their own values.",
                [.o2, .o4]
            ) { trial in
                try trial.withInstance { instance in
                    let names = (0..<50).map { trial.key("own:\($0)") }
                    for name in names { trial.end(instance.set(name, name)) }
                    let reads = names.map { instance.get($0) }
                    for (name, read) in zip(names, reads) {
                        let found = trial.end(read)
                        let isRight = found?.values == [name] || found?.statuses == [GW_MISS]
                        trial.expect(isRight, .o2, "gives one operation the answer of another")
                        instance.release(found?.leases ?? [])
                    }
                    trial.remove(names, instance)
                }
            },
            ConformanceCheck(
                .completion,
                "a-cancelled-operation-ends-once",
                "Cancelling is a hint: the operation is completed all the same, once.",
                [.o2]
            ) { trial in
                try trial.withInstance { instance in
                    for index in 0..<20 {
                        let operation = instance.set(trial.key("cancelled"), "value \(index)")
                        instance.cancel(operation)
                        trial.end(operation)
                    }
                    let read = instance.get(trial.key("cancelled"))
                    instance.cancel(read)
                    instance.release(trial.end(read)?.leases ?? [])
                    trial.remove([trial.key("cancelled")], instance)
                }
            },
            ConformanceCheck(
                .completion,
                "cancel-accepts-any-id",
                "cancel accepts ids that never were, that are 0, and that have ended.",
                [.o2, .o5, .t2]
            ) { trial in
                try trial.withInstance { instance in
                    for id in [0, 1, 2, .max, 1 << 63] as [UInt64] { instance.cancel(id: id) }
                    let operation = instance.ping(within: trial.subject.patience)
                    trial.end(operation)
                    for _ in 0..<3 { instance.cancel(operation) }
                    trial.exercise(instance, rule: .o2)
                }
            },
        ]

    private static func once(
        _ name: String,
        _ capabilities: [UInt32],
        _ begin: @escaping @Sendable (Trial, PluginDriver) -> PendingOperation
    ) -> ConformanceCheck {
        ConformanceCheck(
            .completion,
            "\(name)-ends-exactly-once",
            "Each \(name) is done, rejected or completed, and only one of these.",
            [.o1, .o2, .o3, .o5],
        ) { trial in
            for capability in capabilities { try trial.need(capability, "the capability for it") }
            try trial.withInstance { instance in
                for _ in 0..<10 { instance.release(trial.end(begin(trial, instance))?.leases ?? []) }
            }
        }
    }

    /// Check what deadlines do.
    static let deadlineChecks: [ConformanceCheck] =
        [(0, "in-the-past"), (0.000_1, "at-once"), (0.01, "soon")].map { seconds, name in
            ConformanceCheck(
                .deadlines,
                "that-are-\(name)-end-operations",
                "Operations whose deadline is \(seconds) seconds away end soon, and once.",
                [.o2, .o6]
            ) { trial in
                try trial.withInstance { instance in
                    let began = PluginDriver.now
                    var operations = [
                        instance.set([TestedItem(trial.key("late"), [[1]])], within: seconds),
                        instance.get([trial.key("late")], within: seconds), instance.ping(within: seconds),
                    ]
                    if trial.plugin.has(GW_CAP_DELETE) {
                        operations.append(instance.delete([trial.key("late")], within: seconds))
                    }
                    for operation in operations { instance.release(trial.end(operation)?.leases ?? []) }
                    let taken = Double(PluginDriver.now - began) / 1e9
                    trial.expect(taken < seconds + 5, .o6, "takes \(taken) seconds for a deadline of \(seconds)")
                    trial.remove([trial.key("late")], instance)
                }
            }
        } + [
            silent("get", []) { trial, instance in instance.get([trial.key("x")], within: 0.3) },
            silent("set", []) { trial, instance in instance.set([TestedItem(trial.key("x"), [[1]])], within: 0.3) },
            silent("delete", [GW_CAP_DELETE]) { trial, instance in instance.delete([trial.key("x")], within: 0.3) },
            silent("flush", [GW_CAP_FLUSH]) { trial, instance in instance.flush(trial.prefix, within: 0.3) },
            silent("ping", []) { _, instance in instance.ping(within: 0.3) },
            ConformanceCheck(
                .deadlines,
                "calls-return-at-once-at-a-silent-backend",
                "Calls do not wait for the backend, unless the plugin declares GW_THREADS_BLOCKING.",
                [.t2],
                needs: .quiet
            ) { trial in
                try trial.need(trial.descriptor.threads != GW_THREADS_BLOCKING, "the plugin may block")
                try trial.withSilentInstance { instance in
                    for _ in 0..<5 {
                        let operation = instance.get([trial.key("x")], within: 0.5)
                        let seconds = operation.callSeconds
                        trial.expect(seconds < 0.1, .t2, "holds up its caller for \(seconds) seconds in get")
                        trial.end(operation)
                    }
                }
            },
            ConformanceCheck(
                .deadlines,
                "a-dead-backend-fails-operations",
                "Operations fail, with a status that says so, while nothing listens at the backend's place.",
                [.o1, .o4]
            ) { trial in
                let instance = try trial.instance(HostStyle(), trial.deadBackend())
                let start = trial.end(instance.start(within: 0.3))
                if start?.status == GW_OK {
                    let found = trial.end(instance.get([trial.key("x")], within: 1))
                    let status = found?.statuses.first ?? found?.status ?? GW_OK
                    trial.expect(status < 0, .o4, "answers a lookup with \(status) while its backend is down")
                }
                trial.discard(instance, started: start?.status == GW_OK)
            },
        ]

    private static func silent(
        _ name: String,
        _ capabilities: [UInt32],
        _ begin: @escaping @Sendable (Trial, PluginDriver) -> PendingOperation
    ) -> ConformanceCheck {
        ConformanceCheck(
            .deadlines,
            "end-a-\(name)-at-a-silent-backend",
            "A \(name) within 0.3 seconds, then cancelled, ends soon, while the backend says nothing.",
            [.o2, .o6]
        ) { trial in
            for capability in capabilities { try trial.need(capability, "the capability for it") }
            try trial.withSilentInstance { instance in
                let began = PluginDriver.now
                let operation = begin(trial, instance)
                // Then the host loses interest, and says so.
                if operation.wait(seconds: 0.3) == nil { instance.cancel(operation) }
                let outcome = trial.end(operation)
                let seconds = Double(PluginDriver.now - began) / 1e9
                trial.expect(seconds < 1.5, .o6, "takes \(seconds) seconds for a \(name) within 0.3")
                let status = outcome?.statuses.first ?? outcome?.status ?? GW_OK
                trial.expect(status < 0, .o4, "answers a \(name) with \(status) although its backend says nothing")
            }
        }
    }
}

extension Trial {
    /// Calls `body` with an instance whose backend says nothing.
    fileprivate func withSilentInstance(_ body: (PluginDriver) -> Void) throws {
        try withSilentBackend { parameters in
            let instance = try instance(HostStyle(), parameters)
            let isStarted = end(instance.start(within: 0.2))?.status == GW_OK
            if isStarted { body(instance) }
            discard(instance, started: isStarted)
        }
    }
}
