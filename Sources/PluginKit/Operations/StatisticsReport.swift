import PluginAPI

/// Receives a plugin's figures. Well-known names are items, bytes, hits, misses, evictions, expirations and rejections.
public struct StatisticsReport {
    let raw: UnsafePointer<gw_stats>

    /// Reports a figure that only grows.
    public func counter(_ name: StaticString, _ value: UInt64) { add(name, GW_STAT_COUNTER, value) }

    /// Reports a figure that may fall.
    public func gauge(_ name: StaticString, _ value: UInt64) { add(name, GW_STAT_GAUGE, value) }

    private func add(_ name: StaticString, _ kind: UInt32, _ value: UInt64) {
        guard name.hasPointerRepresentation else { return }
        name.utf8Start.withMemoryRebound(to: CChar.self, capacity: name.utf8CodeUnitCount + 1) {
            raw.pointee.add?(raw, $0, kind, value)
        }
    }
}
