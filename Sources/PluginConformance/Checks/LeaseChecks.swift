import PluginAPI

extension ConformanceCheck {
    /// Check how long values stay unchanged.
    static let leaseChecks = [
        ConformanceCheck("A leased value stays as it is while its entry is replaced, deleted and flushed", [.v1, .v2]) {
            trial in
            try trial.withInstance { instance in
                let names = (0..<trial.batch).map { trial.key("leased:\($0)") }
                for (index, name) in names.enumerated() {
                    _ = trial.end(instance.set(name, String(repeating: "\(index % 10)", count: 1 + index * 97)))
                }
                let read = instance.get(names)
                let found = trial.end(read)
                for round in 0..<3 {
                    for name in names { _ = trial.end(instance.set(name, "replaced in round \(round)")) }
                }
                trial.remove(names, instance)
                if trial.plugin.has(GW_CAP_FLUSH) { _ = trial.end(instance.flush(trial.prefix)) }
                for index in 0..<200 {
                    _ = trial.end(instance.set(trial.key("other"), String(repeating: "x", count: index)))
                }
                trial.expect(
                    read.hasUnchangedValues(),
                    found?.leases.count == names.count ? .v1 : .v2,
                    "changes or frees a value that is still leased, or has none to release"
                )
                instance.release(found?.leases ?? [])
                trial.remove([trial.key("other")], instance)
            }
        },

        ConformanceCheck(
            "A plugin that gives leases takes them back, in batches, in any order, on any thread",
            [.v3, .l5]
        ) {
            trial in
            try trial.withInstance { instance in
                let names = (0..<trial.batch).map { trial.key("batch:\($0)") }
                for name in names { _ = trial.end(instance.set(name, "a value")) }
                var leases: [UInt64] = []
                for _ in 0..<10 { leases += trial.end(instance.get(names))?.leases ?? [] }
                trial.expect(
                    leases.isEmpty || trial.plugin.descriptor.pointee.release != nil,
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
    ]
}
