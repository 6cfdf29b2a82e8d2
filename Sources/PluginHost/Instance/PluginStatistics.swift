import PluginAPI

/// A figure that a plugin reports. Well-known names are items, bytes, hits, misses, evictions, expirations and
/// rejections.
public struct PluginStatistic: Sendable, Equatable {
    /// How a figure changes.
    public enum Kind: Sendable {
        /// The figure only grows.
        case counter
        case gauge
    }

    /// The plugin's name for the figure, without control characters.
    public let name: String
    /// How the figure changes.
    public let kind: Kind
    /// The value in the unit that the name implies: a number of things, or bytes.
    public let value: UInt64
}

extension PluginInstance {
    /// [any thread] The plugin's figures, which it keeps in memory. It must not be called after the shutdown of the
    /// instance.
    public func statistics() -> [PluginStatistic] {
        guard let statistics = plugin.functions.statistics, !breakers.lookups.isDisabled else { return [] }
        let sink = StatisticsSink()
        var table = gw_stats()
        table.struct_size = UInt32(MemoryLayout<gw_stats>.size)
        table.host_data = Unmanaged.passUnretained(sink).toOpaque()
        table.add = { stats, name, kind, value in
            guard let data = stats?.pointee.host_data, let name = Printable.text(cString: name, limit: 64) else {
                return
            }
            let sink = Unmanaged<StatisticsSink>.fromOpaque(data).takeUnretainedValue()
            let printable = Printable.text(name)
            guard sink.figures.count < 256,
                !sink.figures.contains(where: { $0.name.utf8.elementsEqual(printable.utf8) })
            else { return }
            sink.figures.append(
                PluginStatistic(
                    name: printable,
                    kind: kind == GW_STAT_COUNTER ? .counter : .gauge,
                    value: value
                )
            )
        }
        withExtendedLifetime(sink) { CallMark.once(plugin.title, .statistics) { statistics(cache, &table) } }
        return sink.figures
    }
}

private final class StatisticsSink {
    var figures: [PluginStatistic] = []
}
