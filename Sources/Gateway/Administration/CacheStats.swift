import HTTPSyntax
import JSON
import NIOCore
import PluginHost
import ResponseCache

/// `GET /cache/stats`: the figures of the cache, for operators of the gateway. It waits for nothing, and never contains a
/// secret.
enum CacheStats {
    static func report(of generation: Generation) -> String {
        var report = JSONWriter()
        write(generation, to: &report)
        return report.text
    }

    /// Writes the figures as an object.
    static func write(_ generation: Generation, to json: inout JSONWriter) {
        guard let backend = generation.backend else { return json.object { $0.member("cache_type", nil) } }
        let state = backend.state
        let figures = backend.statistics
        json.object { report in
            report.member("cache_type", backend.plugin.type.name)
            report.member("version", backend.plugin.version)
            report.member("namespace", CacheKey.prefix(namespace: generation.namespace, clientNamespace: nil))
            report.member("state", state.name)
            report.member("code", state.code)
            report.member("reason", state.reason)
            report.member("round_trip_ms") { $0.milliseconds(backend.roundTrip.last) }
            report.member("entries") { write(figures, "items", to: &$0) }
            report.member("bytes") { write(figures, "bytes", to: &$0) }
            report.member("pending_stores") { json in
                json.object { members in
                    members.member("entries") { $0.integer(generation.pendingStores.entryCount) }
                    members.member("bytes") { $0.integer(generation.pendingStores.byteCount) }
                }
            }
            report.member("flights") { json in
                json.object { members in
                    members.member("calls") { $0.integer(generation.flights.count) }
                    members.member("requests") { $0.integer(generation.flights.readers) }
                }
            }
            report.member("purges") { write(generation.purges, to: &$0) }
            report.member("statistics") { json in
                json.object { members in
                    for figure in figures { members.member(named: figure.name) { $0.integer(figure.value) } }
                }
            }
        }
    }

    /// A figure of the plugin, or `null` where it has none.
    private static func write(_ figures: [PluginStatistic], _ name: String, to json: inout JSONWriter) {
        guard let figure = figures.first(where: { $0.name.utf8.elementsEqual(name.utf8) }) else { return json.null() }
        json.integer(figure.value)
    }

    private static func write(_ purges: PurgeLog, to json: inout JSONWriter) {
        let marks = purges.current
        json.object { members in
            members.member("before", marks.floor == 0 ? nil : InternetTime.format(milliseconds: marks.floor))
            members.member("marks") { $0.integer(marks.labelCount) }
            members.member("keys") { $0.integer(marks.keyCount) }
            members.member(
                "record",
                purges.recordKey == nil
                    ? "none" : purges.isKnown ? (purges.hasUnreadableRecord ? "unreadable" : "read") : "unread"
            )
        }
    }
}
