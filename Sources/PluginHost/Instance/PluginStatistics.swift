import PluginAPI

/// A figure that a plugin keeps. Well-known names: items, bytes, hits, misses, evictions, expirations, rejections.
public struct PluginStatistic: Sendable, Equatable {
    public enum Kind: Sendable {
        /// Only grows.
        case counter
        case gauge
    }

    public let name: String
    public let kind: Kind
    public let value: UInt64
}

extension PluginInstance {
    /// The plugin's figures, from its memory. [any thread, until shutdown]
    public func statistics() -> [PluginStatistic] {
        guard let statistics = plugin.functions.statistics else { return [] }
        let sink = StatisticsSink()
        var table = gw_stats()
        table.struct_size = UInt32(MemoryLayout<gw_stats>.size)
        table.host_data = Unmanaged.passUnretained(sink).toOpaque()
        table.add = { stats, name, kind, value in
            guard let data = stats?.pointee.host_data, let name = Printable.text(cString: name, limit: 64) else {
                return
            }
            let sink = Unmanaged<StatisticsSink>.fromOpaque(data).takeUnretainedValue()
            guard sink.figures.count < 256 else { return }
            sink.figures.append(
                PluginStatistic(
                    name: Printable.text(name),
                    kind: kind == GW_STAT_COUNTER ? .counter : .gauge,
                    value: value
                )
            )
        }
        withExtendedLifetime(sink) { statistics(cache, &table) }
        return sink.figures
    }
}

private final class StatisticsSink {
    var figures: [PluginStatistic] = []
}
