import PluginAPI

extension ConformanceCheck {
    /// Check what happens at the limits that the plugin states, and with what is larger than usual.
    static let limitChecks = [
        ConformanceCheck(
            .limits,
            "a-key-as-long-as-max-key-is-stored",
            "A key of exactly max_key bytes is accepted.",
            [.l5]
        ) { trial in
            let limit = Int(trial.descriptor.max_key)
            try trial.need(limit > 0 && limit <= 512, "the plugin accepts every key")
            try trial.need(limit > trial.prefix.utf8.count, "the checks' keys are longer")
            try trial.withInstance { instance in
                let key = trial.key(String(repeating: "k", count: limit - trial.prefix.utf8.count))
                let stored = trial.end(instance.set(key, "1"))
                trial.expect(stored?.statuses == [GW_OK], .l5, "does not store a key of max_key bytes")
                trial.remove([key], instance)
            }
        },
        ConformanceCheck(
            .limits,
            "a-batch-as-large-as-max-batch-is-answered",
            "A batch of exactly max_batch items is accepted.",
            [.l5]
        ) { trial in
            let limit = trial.largestBatch
            try trial.need(limit <= 10_000, "the plugin accepts every batch")
            try trial.withInstance { instance in
                let found = trial.end(instance.get((0..<limit).map { trial.key("none:\($0)") }))
                trial.expect(found?.statuses.count == limit, .l5, "does not answer a batch of max_batch items")
            }
        },
        ConformanceCheck(
            .limits,
            "a-value-as-large-as-max-value-is-stored-or-refused",
            "A value of exactly max_value bytes is stored, or refused as too large or for want of room.",
            [.l5]
        ) { trial in
            let limit = trial.descriptor.max_value
            try trial.need(limit > 0 && limit <= 64 << 20, "the plugin states no limit that can be tried")
            try trial.withInstance { trial.storeAndFind("large", [[UInt8](repeating: 1, count: Int(limit))], $0) }
        },
        ConformanceCheck(
            .limits,
            "a-huge-value-is-stored-or-refused",
            "A value of 12 MiB is stored, or refused as too large or for want of room, and nothing else suffers.",
            [.o4, .p3],
            needs: .process
        ) { trial in
            try trial.withInstance { instance in
                trial.storeAndFind("huge", [[UInt8](repeating: 7, count: 12 << 20)], instance)
                trial.exercise(instance, rule: .o4)
            }
        },
        ConformanceCheck(
            .limits,
            "a-batch-with-a-huge-value-stores-the-others",
            "A value that is too large does not fail the other items of its batch.",
            [.o4]
        ) { trial in
            try trial.need(trial.largestBatch > 2, "the plugin takes \(trial.largestBatch) items at most")
            try trial.withInstance { instance in
                let items = [
                    TestedItem(trial.key("small"), [[1]], ttlMilliseconds: 60_000),
                    TestedItem(
                        trial.key("huge"),
                        [[UInt8](repeating: 7, count: 9 << 20)],
                        ttlMilliseconds: 60_000
                    ),
                ]
                let stored = trial.end(instance.set(items))
                trial.expect(
                    stored?.statuses.first == GW_OK || stored?.status == GW_E2BIG,
                    .o4,
                    "fails a small item since another of its batch is large"
                )
                let found = trial.end(instance.get(items.map(\.key)))
                let isRight = (found?.bytes ?? []).enumerated().allSatisfy { index, bytes in
                    bytes.map { $0 == items[index].parts[0] } ?? true
                }
                trial.expect(isRight, .o4, "gives a value of a batch to another of its keys")
                instance.release(found?.leases ?? [])
                trial.remove(items.map(\.key), instance)
            }
        },
        ConformanceCheck(
            .limits,
            "a-value-larger-than-the-host-reads-is-an-item-too-big",
            "A value above the host's max_value is answered with GW_E2BIG, a miss, or all the same.",
            [.o4, .v4]
        ) { trial in
            try trial.withInstance { instance in
                guard
                    let key = trial.storeAndFind(
                        "big",
                        [[UInt8](repeating: 3, count: 50_000)],
                        instance,
                        removes: false
                    )
                else { return }
                var style = HostStyle()
                style.largestValue = 1_000
                if !trial.plugin.has(GW_CAP_EXCLUSIVE) {
                    try trial.withInstance(style) { reader in
                        let found = trial.end(reader.get(key))
                        let status = found?.statuses.first ?? found?.status ?? GW_EINTERNAL
                        let isRight = [GW_OK, GW_MISS, GW_E2BIG].contains(status)
                        trial.expect(isRight, .o4, "answers a value that is too large for the host with \(status)")
                        reader.release(found?.leases ?? [])
                    }
                }
                trial.remove([key], instance)
            }
        },
    ]

    /// Check that what is used is given back.
    static let leakChecks = [
        ConformanceCheck(
            .leaks,
            "no-descriptor-is-left-by-instances",
            "Instances leave no descriptor open.",
            [.c6],
            needs: .process
        ) { trial in
            try trial.withInstance { trial.exercise($0, rule: .c6) }
            let before = ProcessState.openDescriptors
            for _ in 0..<5 { try trial.withInstance { trial.exercise($0, rule: .c6) } }
            let left = ProcessState.openDescriptors - before
            trial.expect(left <= 0, .c6, "leaves \(left) descriptors open after five instances")
        },
        ConformanceCheck(
            .leaks,
            "no-thread-is-left-by-instances",
            "Instances leave no thread behind.",
            [.t4],
            needs: .process
        ) { trial in
            try trial.withInstance { trial.exercise($0, rule: .t4) }
            let before = Threads.all().count
            for _ in 0..<5 { try trial.withInstance { trial.exercise($0, rule: .t4) } }
            let left = Threads.all().count - before
            trial.expect(left <= 0, .t4, "leaves \(left) threads behind after five instances")
        },
        ConformanceCheck(
            .leaks,
            "no-memory-is-left-by-instances",
            "Sixty instances take no more memory than thirty.",
            [.c6],
            needs: .process
        ) { trial in
            for _ in 0..<30 { try trial.withInstance { _ in } }
            let before = ProcessState.residentBytes
            for _ in 0..<60 { try trial.withInstance { _ in } }
            let grown = ProcessState.residentBytes - before
            trial.expect(grown < 6 << 20, .c6, "keeps \(grown >> 10) KiB of memory after sixty instances")
        },
        ConformanceCheck(
            .leaks,
            "no-memory-is-left-by-values",
            "A value that is stored and read again and again takes the memory of one.",
            [.v1, .v3],
            needs: .process
        ) { trial in
            try trial.withInstance { instance in
                let value = [UInt8](repeating: 5, count: 200_000)
                let item = TestedItem(trial.key("again"), [value], ttlMilliseconds: 60_000)
                func use(_ rounds: Int) -> Int {
                    let before = ProcessState.residentBytes
                    for _ in 0..<rounds {
                        trial.end(instance.set([item]))
                        instance.release(trial.end(instance.get(item.key))?.leases ?? [])
                        instance.forgetOperations()
                    }
                    return (ProcessState.residentBytes - before) / rounds
                }
                _ = use(20)
                let each = use(40)
                trial.expect(each < 100_000, .v3, "keeps \(each >> 10) KiB for each of forty values of 195 KiB")
                trial.remove([item.key], instance)
            }
        },
    ]

    /// Check the extensions that the plugin offers.
    static let extensionChecks = [
        ConformanceCheck(
            .extensions,
            "unknown-names-are-not-offered",
            "An extension of a name that nobody has given is NULL.",
            [.e2, .l5]
        ) { trial in
            let ask = try trial.extensions()
            for name in ["", "gateway", "gateway.scan", "gateway.scan/0", "gateway.nothing/1", "com.example.x/9"] {
                let isOffered = name.withCString { ask($0) } != nil
                trial.expect(!isOffered, .e2, "offers an extension named '\(name)'")
            }
        },
        ConformanceCheck(
            .extensions,
            "reserved-names-have-a-size",
            "The struct of a reserved extension begins with its size.",
            [.e1, .e4, .l1]
        ) { trial in
            let ask = try trial.extensions()
            for name in ExtensionNames.reserved {
                guard let found = name.withCString({ ask($0) }) else { continue }
                let size = found.load(as: UInt32.self)
                let isPossible = size >= 16 && size <= 4_096 && size % 8 == 0
                trial.expect(isPossible, .e1, "offers '\(name)' as a struct with a struct_size of \(size)")
            }
        },
        ConformanceCheck(
            .extensions,
            "are-the-same-each-time-on-any-thread",
            "An extension is the same struct each time, on every thread, also while an instance works.",
            [.e3]
        ) { trial in
            let ask = try trial.extensions()
            try trial.withInstance { instance in
                for name in ExtensionNames.reserved + ["com.example.x/9"] {
                    let first = name.withCString { ask($0) }.map { Int(bitPattern: $0) }
                    Threads.run(3) { _ in
                        for _ in 0..<20 {
                            let again = name.withCString { ask($0) }.map { Int(bitPattern: $0) }
                            trial.expect(again == first, .e3, "offers '\(name)' as another struct each time")
                        }
                    }
                }
                trial.exercise(instance, rule: .e3)
            }
        },
        ConformanceCheck(
            .extensions,
            "of-the-host-are-not-relied-on",
            "The plugin works in a host that offers no extension.",
            [.e3, .l5]
        ) { trial in
            try trial.withInstance { trial.exercise($0, rule: .l5) }
        },
    ]
}

/// The names of extensions that the header reserves (rule E-4).
public enum ExtensionNames {
    /// The reserved names.
    public static let reserved = ["gateway.scan/1", "gateway.vectors/1", "gateway.invalidation/1"]
}

extension Trial {
    /// The function that offers extensions.
    fileprivate func extensions() throws -> @Sendable (UnsafePointer<CChar>?) -> UnsafeRawPointer? {
        guard let ask = descriptor.get_extension else {
            throw Skipped(reason: "the plugin has no function 'get_extension'")
        }
        return { ask($0) }
    }
}
