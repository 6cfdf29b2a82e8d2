import Glibc
import PluginAPI

extension ConformanceCheck {
    /// Check that the plugin does what its capabilities promise (rule L-5).
    static let capabilityChecks = [
        ConformanceCheck(
            .capabilities,
            "delete-removes-a-key",
            "GW_CAP_DELETE: what is deleted is gone, and what was not there is a miss.",
            [.l5]
        ) { trial in
            try trial.need(GW_CAP_DELETE, "GW_CAP_DELETE")
            try trial.withInstance { instance in
                guard let key = trial.storeAndFind("a", [[1]], instance, removes: false) else { return }
                trial.expect(trial.end(instance.delete(key))?.statuses == [GW_OK], .l5, "does not delete a key")
                let found = trial.end(instance.get(key))
                trial.expect(found?.statuses == [GW_MISS], .l5, "finds a key that was deleted")
                instance.release(found?.leases ?? [])
                guard let again = trial.end(instance.delete(key)) else { return }
                let isRight = again.statuses == [GW_MISS] || trial.mayNotKnow(again.statuses)
                trial.expect(isRight, .l5, "deletes a key that is not there")
            }
        },
        flush("removes-the-keys-of-a-prefix") { trial, instance in
            let ours = (0..<20).map { trial.key("team:\($0)") }
            for key in ours { trial.end(instance.set(key, "1")) }
            let flushed = trial.end(instance.flush(trial.key("team:")))
            trial.expect(flushed?.status == GW_OK, .l5, "fails to flush: \(flushed?.reason ?? "it does not end")")
            let removed = Int(flushed?.removed ?? 0)
            trial.expect(removed > 10 && removed <= 20, .l5, "says that a flush removed \(removed) keys of 20")
            for key in ours {
                let found = trial.end(instance.get(key))
                trial.expect(found?.statuses == [GW_MISS], .l5, "finds a key that was flushed")
                instance.release(found?.leases ?? [])
            }
        },
        flush("leaves-all-other-keys") { trial, instance in
            let others = ["tea", "teams", "TEAM:1", "x"].map(trial.key)
            for key in others + [trial.key("team:1")] { trial.end(instance.set(key, "1")) }
            trial.end(instance.flush(trial.key("team:")))
            var found = 0
            for key in others {
                let outcome = trial.end(instance.get(key))
                if outcome?.values == ["1"] { found += 1 }
                instance.release(outcome?.leases ?? [])
            }
            trial.expect(found > 2, .l5, "flushes keys that do not have the prefix")
            trial.remove(others, instance)
        },
        flush("of-an-unknown-prefix-removes-nothing") { trial, instance in
            let flushed = trial.end(instance.flush(trial.key("nobody-has-this:")))
            trial.expect(flushed?.status == GW_OK, .l5, "fails to flush a prefix that no key has")
            trial.expect(flushed?.removed == 0, .l5, "says that it removed keys that there were not")
        },
        flush("takes-special-characters-as-they-are") { trial, instance in
            // These mean something in patterns, among others Redis' and the shell's.
            for key in ["a.b", "a-b", "a_b"].map(trial.key) { trial.end(instance.set(key, "1")) }
            let flushed = trial.end(instance.flush(trial.key("a.")))
            trial.expect((flushed?.removed ?? 0) <= 1, .l5, "takes a character of a prefix for a pattern")
            for pattern in ["*", "?", "[a-z]", "%"] {
                let flushed = trial.end(instance.flush(trial.key(pattern)))
                let isRight = flushed.map { $0.removed == 0 || $0.status != GW_OK } ?? false
                trial.expect(isRight, .l5, "takes '\(pattern)' in a prefix for a pattern")
            }
            trial.end(instance.flush(trial.prefix))
        },
        ConformanceCheck(
            .capabilities,
            "ttl-ends-an-entry",
            "GW_CAP_TTL: an entry is dropped when its time to live is over, and not before.",
            [.l5]
        ) { trial in
            try trial.need(GW_CAP_TTL, "GW_CAP_TTL")
            try trial.withInstance { instance in
                trial.end(instance.set(trial.key("short"), "1", ttl: 1_000))
                let long = trial.storeAndFind("long", [[2]], instance, ttl: 600_000, removes: false)
                // This advances the plugin's clock. A backend with a clock of its own takes real time.
                instance.clock.advance(bySeconds: 2)
                var isGone = false
                for _ in 0..<30 where !isGone {
                    let found = trial.end(instance.get(trial.key("short")))
                    isGone = found?.statuses == [GW_MISS]
                    instance.release(found?.leases ?? [])
                    if !isGone { usleep(100_000) }
                }
                trial.expect(isGone, .l5, "keeps an entry beyond its time to live")
                guard let long else { return }
                let found = trial.end(instance.get(long))
                trial.expect(found?.bytes == [[2]], .l5, "drops an entry before its time to live is over")
                instance.release(found?.leases ?? [])
                trial.remove([long], instance)
            }
        },
        ConformanceCheck(
            .capabilities,
            "ttl-is-replaced-with-the-value",
            "The time to live is that of the value that was stored last.",
            [.l5]
        ) { trial in
            try trial.need(GW_CAP_TTL, "GW_CAP_TTL")
            try trial.need(!trial.plugin.has(GW_CAP_SHARED), "the backend has a clock of its own")
            try trial.withInstance { instance in
                let key = trial.key("again")
                trial.end(instance.set(key, "1", ttl: 1_000))
                trial.end(instance.set(key, "2", ttl: 600_000))
                instance.clock.advance(bySeconds: 5)
                let found = trial.end(instance.get(key))
                trial.expect(found?.values == ["2"], .l5, "ends a value at the time of the one that it replaced")
                instance.release(found?.leases ?? [])
                trial.end(instance.set(key, "3", ttl: 1_000))
                instance.clock.advance(bySeconds: 5)
                let late = trial.end(instance.get(key))
                trial.expect(late?.statuses == [GW_MISS], .l5, "keeps a value for as long as the one that it replaced")
                instance.release(late?.leases ?? [])
            }
        },
        ConformanceCheck(
            .capabilities,
            "ttl-may-be-of-any-length",
            "Times to live of 0, of a millisecond and of ages are accepted, and the longest do not wrap around.",
            [.l5]
        ) { trial in
            try trial.withInstance { instance in
                for ttl in [0, 1 << 32, 1 << 53, UInt64.max / 1_000_000, .max - 1, .max] as [UInt64] {
                    trial.storeAndFind("ages:\(ttl)", [[1]], instance, rule: .l5, ttl: ttl)
                }
                trial.end(instance.set(trial.key("instant"), "1", ttl: 1))
            }
        },
        stats("are-reported-at-any-time") { trial, instance in
            trial.expect(!instance.figures.isEmpty, .l5, "reports no figures")
        },
        stats("have-names-and-kinds") { trial, instance in
            for (name, figure) in instance.figures {
                trial.expect(
                    Texts.isName(name, others: "_.", limit: 64),
                    .l4,
                    "reports a figure named '\(name)', which is not a name like 'hits'"
                )
                let isKnown = [GW_STAT_COUNTER, GW_STAT_GAUGE].contains(figure.kind)
                trial.expect(isKnown, .l7, "reports '\(name)' as an unknown kind of figure (\(figure.kind))")
            }
        },
        stats("that-count-only-grow") { trial, instance in
            var before = instance.figures
            for index in 0..<10 {
                trial.storeAndFind("counted:\(index)", [[1, 2, 3]], instance)
                trial.end(instance.get(trial.key("none")))
                let now = instance.figures
                for (name, figure) in now where figure.kind == GW_STAT_COUNTER {
                    let isLess = figure.value < before[name]?.value ?? 0
                    trial.expect(!isLess, .l5, "lets the counter '\(name)' become less")
                }
                before = now
            }
        },
    ]

    private static func flush(
        _ name: String,
        _ body: @escaping @Sendable (Trial, PluginDriver) -> Void
    ) -> ConformanceCheck {
        let claim = name.split(separator: "-").joined(separator: " ")
        return ConformanceCheck(.capabilities, "flush-\(name)", "GW_CAP_FLUSH: a flush \(claim).", [.l5]) { trial in
            try trial.need(GW_CAP_FLUSH, "GW_CAP_FLUSH")
            try trial.withInstance { body(trial, $0) }
        }
    }

    private static func stats(
        _ name: String,
        _ body: @escaping @Sendable (Trial, PluginDriver) -> Void
    ) -> ConformanceCheck {
        let claim = name.split(separator: "-").joined(separator: " ")
        return ConformanceCheck(.capabilities, "figures-\(name)", "GW_CAP_STATS: figures \(claim).", [.l5, .l7]) {
            trial in
            try trial.need(GW_CAP_STATS, "GW_CAP_STATS")
            try trial.withInstance { body(trial, $0) }
        }
    }
}
