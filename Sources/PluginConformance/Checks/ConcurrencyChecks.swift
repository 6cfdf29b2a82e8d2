import PluginAPI

extension ConformanceCheck {
    /// Check many operations at a time.
    static let concurrencyChecks = [
        ConformanceCheck("Operations on several threads at once find their own values", [.t2, .o2]) { trial in
            try trial.withInstance { instance in
                let names = (0..<64).map { trial.key("many:\($0)") }
                for (index, name) in names.enumerated() { _ = trial.end(instance.set(name, "value \(index)")) }
                Threads.run(4) { number in
                    for round in 0..<100 {
                        let index = (round * 7 + number * 13) % names.count
                        if round % 10 == 0 { _ = trial.end(instance.set(names[index], "value \(index)")) }
                        let found = trial.end(instance.get(names[index]))
                        trial.expect(found?.values == ["value \(index)"], .t2, "mixes up operations of several threads")
                        instance.release(found?.leases ?? [])
                    }
                }
                trial.remove(names, instance)
            }
        },

        ConformanceCheck("Many operations that are pending at once are each completed once", [.o2]) { trial in
            try trial.withInstance { instance in
                let name = trial.key("one")
                _ = trial.end(instance.set(name, "the value"))
                let reads = (0..<1_000).map { _ in instance.get(name) }
                for read in reads {
                    let found = trial.end(read)
                    // A plugin may refuse operations beyond its limits.
                    trial.expect(
                        found?.values == ["the value"] || found?.status == GW_EBUSY,
                        .o2,
                        "loses operations when a thousand are pending"
                    )
                    instance.release(found?.leases ?? [])
                }
                trial.remove([name], instance)
            }
        },
    ]
}
