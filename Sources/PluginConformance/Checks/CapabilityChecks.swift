import Glibc
import PluginAPI

extension ConformanceCheck {
    /// Check that the plugin does what its capabilities promise (rule L-5).
    static let capabilityChecks = [
        ConformanceCheck("GW_CAP_DELETE: what is deleted is gone, and what was not there is a miss", [.l5]) { trial in
            try trial.need(GW_CAP_DELETE, "GW_CAP_DELETE")
            try trial.withInstance { instance in
                _ = trial.end(instance.set(trial.key("a"), "1"))
                let deleted = trial.end(instance.delete(trial.key("a")))
                trial.expect(deleted?.statuses == [GW_OK], .l5, "does not delete a key that is there")
                let found = trial.end(instance.get(trial.key("a")))
                trial.expect(found?.statuses == [GW_MISS], .l5, "finds a key that was deleted")
                instance.release(found?.leases ?? [])
            }
        },

        ConformanceCheck("GW_CAP_FLUSH: the keys with a prefix are removed, and no others", [.l5]) { trial in
            try trial.need(GW_CAP_FLUSH, "GW_CAP_FLUSH")
            try trial.withInstance { instance in
                let ours = (0..<20).map { trial.key("team:\($0)") }
                for key in ours + [trial.key("tea"), trial.key("teams")] { _ = trial.end(instance.set(key, "1")) }
                let flushed = trial.end(instance.flush(trial.key("team:")))
                trial.expect(flushed?.status == GW_OK, .l5, "fails to flush: \(flushed?.reason ?? "it does not end")")
                trial.expect(
                    flushed?.removed == 20,
                    .l5,
                    "says that a flush removed \(flushed?.removed ?? 0) keys of 20"
                )
                for key in ours {
                    let found = trial.end(instance.get(key))
                    trial.expect(found?.statuses == [GW_MISS], .l5, "finds a key that was flushed")
                    instance.release(found?.leases ?? [])
                }
                for name in ["tea", "teams"] {
                    let found = trial.end(instance.get(trial.key(name)))
                    trial.expect(found?.values == ["1"], .l5, "flushes a key that does not have the prefix")
                    instance.release(found?.leases ?? [])
                }
                trial.remove([trial.key("tea"), trial.key("teams")], instance)
            }
        },

        ConformanceCheck("GW_CAP_TTL: an entry is dropped when its time to live is over", [.l5]) { trial in
            try trial.need(GW_CAP_TTL, "GW_CAP_TTL")
            try trial.withInstance { instance in
                _ = trial.end(instance.set(trial.key("short"), "1", ttl: 1_000))
                _ = trial.end(instance.set(trial.key("long"), "2", ttl: 600_000))
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
                let found = trial.end(instance.get(trial.key("long")))
                trial.expect(found?.values == ["2"], .l5, "drops an entry before its time to live is over")
                instance.release(found?.leases ?? [])
                trial.remove([trial.key("long")], instance)
            }
        },

        ConformanceCheck("GW_CAP_STATS: figures are reported at any time", [.l5]) { trial in
            try trial.need(GW_CAP_STATS, "GW_CAP_STATS")
            try trial.withInstance { instance in
                trial.expect(!instance.statistics.isEmpty, .l5, "reports no figures")
            }
        },
    ]
}
