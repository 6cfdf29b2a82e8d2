public import CoreMetrics
import Synchronization

/// The instruments that are made with swift-metrics, by libraries and by the gateway for what happens seldom.
///
/// A family of `MetricTable` gives an instrument of its name its type and its labels. An instrument of any other name is
/// exposed under a name that the format allows, with `_total` where it counts and `_seconds` where it times.
public final class MetricRegistry: MetricsFactory {
    /// How many instruments there may be. Those beyond record nothing that is exposed, since their number may depend on the
    /// outside.
    public static let limit = 1000

    private struct Entry {
        let family: MetricFamily
        let labels: [String]
        let instrument: any Instrument
    }

    private let entries = Mutex<[[String]: Entry]>([:])

    /// Makes a registry without instruments.
    public init() {}

    /// [any thread] What all instruments have recorded.
    public var samples: MetricSamples {
        var samples = MetricSamples()
        for entry in entries.withLock({ Array($0.values) }) {
            if let value = entry.instrument.value { samples.add(value, to: entry.family, entry.labels) }
        }
        return samples
    }

    // MARK: The factory

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        instrument(label, .counter, dimensions) { SharedCounter() }
    }

    public func makeFloatingPointCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        instrument(label, .counter, dimensions) { SharedCounter() }
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        instrument(label, .gauge, dimensions) { SharedGauge() }
    }

    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        guard aggregate else { return instrument(label, .gauge, dimensions) { SharedGauge() } }
        let bounds = HistogramBounds(
            ticks: [1, 5, 10, 50, 100, 500, 1_000, 5_000, 10_000, 100_000, 1_000_000],
            tick: 1
        )
        return instrument(label, .histogram(bounds), dimensions) { SharedHistogram(bounds) }
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        instrument(label, .histogram(.requestTimes), dimensions) { SharedHistogram(.requestTimes) }
    }

    // What an instrument has counted stays, so that no counter goes back where it is made anew.
    public func destroyCounter(_ handler: any CounterHandler) {}
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    public func destroyMeter(_ handler: any MeterHandler) {}
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    public func destroyTimer(_ handler: any TimerHandler) {}

    /// Returns the instrument of that name and these dimensions, which is made where there is none. One of another kind
    /// with the same name stays what it is, and the one that is returned is not exposed.
    private func instrument<Wanted: Instrument>(
        _ label: String,
        _ kind: MetricFamily.Kind,
        _ dimensions: [(String, String)],
        _ make: () -> Wanted
    ) -> Wanted {
        let family = Self.family(label, kind, dimensions)
        let labels = family.labels.map { name in dimensions.first { Self.allowed($0.0) == name }?.1 ?? "" }
        return entries.withLock { entries in
            let key = [family.name] + family.labels + labels
            if let present = entries[key] { return present.instrument as? Wanted ?? make() }
            let made = make()
            let isKindOfOthers = entries.values.contains {
                $0.family.name == family.name && ($0.family.kind != family.kind || $0.family.labels != family.labels)
            }
            guard entries.count < Self.limit, !isKindOfOthers else { return made }
            entries[key] = Entry(family: family, labels: labels, instrument: made)
            return made
        }
    }

    /// The family of the table, or one that is made of the name.
    private static func family(
        _ label: String,
        _ kind: MetricFamily.Kind,
        _ dimensions: [(String, String)]
    ) -> MetricFamily {
        if let position = MetricTable.position(of: label), MetricTable.families.indices.contains(position) {
            return MetricTable.families[position]
        }
        var name = allowed(label)
        switch kind {
        case .counter: if !name.hasSuffix("_total") { name += "_total" }
        case .histogram(.requestTimes): if !name.hasSuffix("_seconds") { name += "_seconds" }
        case .gauge, .histogram: break
        }
        return MetricFamily(name, kind, "Made by a library.", labels: dimensions.map { allowed($0.0) })
    }

    /// The text with `_` for what the names of the format do not have.
    private static func allowed(_ text: String) -> String {
        var bytes = text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                byte
            default: UInt8(ascii: "_")
            }
        }
        if bytes.first.map({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) ?? true {
            bytes.insert(UInt8(ascii: "_"), at: 0)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
