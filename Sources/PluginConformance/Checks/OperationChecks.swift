import PluginAPI

extension ConformanceCheck {
    /// Check what every plugin supports.
    static let operationChecks = [
        ConformanceCheck(
            "Values of any bytes come back as they were stored, however many parts they had",
            [.o1, .o2, .o3, .o4, .l1]
        ) {
            trial in
            let every = Array(UInt8.min...UInt8.max)
            let values: [[[UInt8]]] = [
                [[0, 255], [], [10, 0, 13]], [every, every], [Array(repeating: 7, count: 20_000)], [[]], [],
            ]
            try trial.withInstance { instance in
                for (index, parts) in values.enumerated() {
                    let key = trial.key("value:\(index)")
                    let stored = trial.end(instance.set([TestedItem(key, parts, ttlMilliseconds: 60_000)]))
                    trial.expect(stored?.statuses == [GW_OK], .o4, "does not store a value of \(parts.count) parts")
                    let found = trial.end(instance.get(key))
                    trial.expect(found?.bytes == [parts.flatMap(\.self)], .o4, "gives another value than was stored")
                    instance.release(found?.leases ?? [])
                }
                trial.remove(values.indices.map { trial.key("value:\($0)") }, instance)
            }
        },

        ConformanceCheck("Keys of every length and character that keys may have are kept apart", [.o4]) { trial in
            let longest =
                trial.plugin.descriptor.pointee.max_key == 0 ? 512 : Int(trial.plugin.descriptor.pointee.max_key)
            let room = min(512, longest) - trial.prefix.utf8.count
            guard room > 16 else { throw Trial.Skipped(reason: "the plugin's keys are too short") }
            let names = ["a", "A", "a.", "a/", "a:", "a_", "a-", "0", String(repeating: "k", count: room)]
            try trial.withInstance { instance in
                for name in names {
                    let stored = trial.end(instance.set(trial.key(name), "value of \(name)"))
                    trial.expect(
                        stored?.statuses == [GW_OK],
                        .o4,
                        "does not store under a key of \(name.count) characters"
                    )
                }
                for name in names {
                    let found = trial.end(instance.get(trial.key(name)))
                    trial.expect(found?.values == ["value of \(name)"], .o4, "mistakes one key for another")
                    instance.release(found?.leases ?? [])
                }
                trial.remove(names.map(trial.key), instance)
            }
        },

        ConformanceCheck("A key that is not there is a miss", [.o4]) { trial in
            try trial.withInstance { instance in
                let found = trial.end(instance.get(trial.key("none")))
                trial.expect(found?.statuses == [GW_MISS], .o4, "does not answer a key that is not there with GW_MISS")
            }
        },

        ConformanceCheck("What is stored replaces what was there", [.o4]) { trial in
            try trial.withInstance { instance in
                for value in ["first", "second, which is longer", ""] {
                    _ = trial.end(instance.set(trial.key("same"), value))
                    let found = trial.end(instance.get(trial.key("same")))
                    trial.expect(found?.values == [value], .o4, "does not replace a value that is stored again")
                    instance.release(found?.leases ?? [])
                }
                trial.remove([trial.key("same")], instance)
            }
        },

        ConformanceCheck("A batch is answered item by item, by the host's strides", [.l2, .o4]) { trial in
            let count = trial.batch
            try trial.withInstance { instance in
                let names = (0..<count).map { trial.key("batch:\($0)") }
                // Every third key is left out.
                let stored = names.enumerated().filter { $0.offset % 3 != 2 }
                let items = stored.map {
                    TestedItem($0.element, [Array("value \($0.offset)".utf8)], ttlMilliseconds: 60_000)
                }
                let outcome = trial.end(instance.set(items))
                trial.expect(outcome?.statuses == items.map { _ in GW_OK }, .l2, "does not store every item of a batch")
                let found = trial.end(instance.get(names))
                let expected: [String?] = (0..<count).map { $0 % 3 == 2 ? nil : "value \($0)" }
                trial.expect(found?.values == expected, .l2, "does not answer a batch item by item")
                instance.release(found?.leases ?? [])
                trial.remove(names, instance)
            }
        },

        ConformanceCheck("A ping of a backend that is up succeeds", [.o1, .o2]) { trial in
            try trial.withInstance { instance in
                let outcome = trial.end(instance.ping(within: trial.subject.patience))
                trial.expect(outcome?.status == GW_OK, .o2, "fails a ping: \(outcome?.reason ?? "it does not end")")
            }
        },

        ConformanceCheck(
            "Cancelling is a hint: the operation is completed all the same, and any id is accepted",
            [.o2, .o5]
        ) { trial in
            try trial.withInstance { instance in
                instance.cancel(id: .max)
                for index in 0..<20 {
                    let operation = instance.set(trial.key("cancelled"), "value \(index)")
                    instance.cancel(operation)
                    _ = trial.end(operation)
                    instance.cancel(operation)
                }
                let read = instance.get(trial.key("cancelled"))
                instance.cancel(read)
                instance.release(trial.end(read)?.leases ?? [])
                trial.remove([trial.key("cancelled")], instance)
            }
        },

        ConformanceCheck("An operation whose deadline is past, or near, still ends soon and once", [.o2, .o6]) {
            trial in
            try trial.withInstance { instance in
                for seconds in [0, 0.000_1, 0.01] {
                    let began = PluginDriver.now
                    let operations = [
                        instance.set([TestedItem(trial.key("late"), [[1]])], within: seconds),
                        instance.get([trial.key("late")], within: seconds), instance.ping(within: seconds),
                    ]
                    for operation in operations { instance.release(trial.end(operation)?.leases ?? []) }
                    let taken = Double(PluginDriver.now - began) / 1e9
                    trial.expect(taken < seconds + 5, .o6, "takes \(taken) seconds for a deadline of \(seconds)")
                }
                trial.remove([trial.key("late")], instance)
            }
        },
    ]
}

extension Trial {
    /// How many items a batch has.
    var batch: Int { plugin.descriptor.pointee.max_batch == 0 ? 16 : min(16, Int(plugin.descriptor.pointee.max_batch)) }

    /// Removes keys that a check has stored, if the plugin can.
    func remove(_ keys: [String], _ instance: PluginDriver) {
        guard plugin.has(GW_CAP_DELETE) else { return }
        for key in keys { _ = end(instance.delete(key)) }
    }
}
