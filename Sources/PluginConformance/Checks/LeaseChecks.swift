import PluginAPI
import Synchronization

extension ConformanceCheck {
    /// Check how long values stay unchanged.
    static let leaseChecks: [ConformanceCheck] =
        [
            kept("replaced", "its entry is replaced", nil) { trial, instance, names in
                for round in 0..<3 {
                    for name in names { trial.end(instance.set(name, "replaced in round \(round)")) }
                }
            },
            kept("deleted", "its entry is deleted", GW_CAP_DELETE) { trial, instance, names in
                trial.remove(names, instance)
            },
            kept("flushed", "its entry is flushed", GW_CAP_FLUSH) { trial, instance, _ in
                trial.end(instance.flush(trial.prefix))
            },
            kept("expired", "its entry's time ends", GW_CAP_TTL) { trial, instance, names in
                instance.clock.advance(bySeconds: 120)
                for name in names { instance.release(trial.end(instance.get(name))?.leases ?? []) }
            },
            kept("evicted", "many others are stored", nil) { trial, instance, _ in
                let others = (0..<200).map { trial.key("other:\($0)") }
                for (index, name) in others.enumerated() {
                    trial.end(instance.set(name, String(repeating: "x", count: 100 * index)))
                }
                trial.remove(others, instance)
            },
        ] + [
            ConformanceCheck(
                .leases,
                "are-taken-back-in-any-order-on-any-thread",
                "Leases are taken back in batches, in any order, on several threads.",
                [.v3, .l5]
            ) { trial in
                try trial.withInstance { instance in
                    let names = (0..<trial.batch).map { trial.key("batch:\($0)") }
                    for name in names { trial.end(instance.set(name, "a value")) }
                    var leases: [UInt64] = []
                    for _ in 0..<10 { leases += trial.end(instance.get(names))?.leases ?? [] }
                    trial.expect(
                        leases.isEmpty || trial.descriptor.release != nil,
                        .l5,
                        "gives leases but has no function 'release'"
                    )
                    let back = Array(leases.reversed())
                    Threads.run(2) { number in
                        instance.release(back.enumerated().filter { $0.offset % 2 == number }.map(\.element))
                    }
                    trial.remove(names, instance)
                }
            },
            ConformanceCheck(
                .leases,
                "are-taken-back-while-others-are-given",
                "Leases are taken back on one thread while others look up.",
                [.v3, .t2]
            ) { trial in
                try trial.withInstance { instance in
                    guard let key = trial.storeAndFind("busy", [[9, 9]], instance, removes: false) else { return }
                    let given = Mutex<[UInt64]>([])
                    Threads.run(3) { number in
                        for _ in 0..<200 {
                            if number > 0 {
                                let found = trial.end(instance.get(key))
                                given.withLock { $0 += found?.leases ?? [] }
                            } else {
                                instance.release(
                                    given.withLock { leases in
                                        defer { leases = [] }
                                        return leases
                                    }
                                )
                            }
                        }
                    }
                    instance.release(given.withLock { $0 })
                    trial.remove([key], instance)
                }
            },
            ConformanceCheck(
                .leases,
                "in-a-short-array-are-taken-back-within-it",
                "release reads no more leases than it is given, and does not keep the array.",
                [.v3],
                needs: .process
            ) { trial in
                try trial.withInstance(.guarded) { instance in
                    for index in 0..<20 {
                        trial.end(instance.set(trial.key("short"), "\(index)"))
                        instance.release(trial.end(instance.get(trial.key("short")))?.leases ?? [])
                    }
                    trial.remove([trial.key("short")], instance)
                }
            },
            ConformanceCheck(
                .leases,
                "are-not-given-for-misses",
                "An item that is not found has no lease.",
                [.v2, .v4]
            ) { trial in
                try trial.withInstance { instance in
                    for index in 0..<20 { trial.end(instance.get(trial.key("none:\(index)"))) }
                }
            },
            ConformanceCheck(
                .leases,
                "of-an-empty-value-are-released-like-others",
                "An empty value is a hit, with or without a lease.",
                [.v2]
            ) { trial in
                try trial.withInstance { trial.storeAndFind("empty", [], $0, rule: .v2) }
            },
        ]

    private static func kept(
        _ name: String,
        _ event: String,
        _ capability: UInt32?,
        _ change: @escaping @Sendable (Trial, PluginDriver, [String]) -> Void
    ) -> ConformanceCheck {
        ConformanceCheck(
            .leases,
            "keep-a-value-that-is-\(name)",
            "A leased value stays as it is while \(event).",
            [.v1, .v2]
        ) { trial in
            if let capability { try trial.need(capability, "the capability for it") }
            try trial.withInstance { instance in
                let names = (0..<trial.batch).map { trial.key("leased:\($0)") }
                for (index, name) in names.enumerated() {
                    trial.end(instance.set(name, String(repeating: "\(index % 10)", count: 1 + index * 97)))
                }
                let read = instance.get(names)
                let found = trial.end(read)
                change(trial, instance, names)
                for index in 0..<50 {
                    trial.end(instance.set(trial.key("later"), String(repeating: "y", count: index * 30)))
                }
                let hits = found?.bytes.count { $0 != nil && $0?.isEmpty == false } ?? 0
                trial.expect(
                    read.hasUnchangedValues(),
                    (found?.leases.count ?? 0) >= hits ? .v1 : .v2,
                    "changes or frees a value that is still leased, or has none to release"
                )
                instance.release(found?.leases ?? [])
                trial.remove(names + [trial.key("later")], instance)
            }
        }
    }
}
