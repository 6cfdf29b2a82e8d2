/// Values of metrics at one time: what a scrape exposes, and what is asked of them.
///
/// Samples from several threads are added up: those of one family with the same labels become one.
public struct MetricSamples: Sendable {
    /// A value of a family.
    public enum Value: Sendable, Hashable {
        case number(Double)
        case histogram(HistogramCounts)

        fileprivate mutating func add(_ other: Value) {
            switch (self, other) {
            case (.number(let one), .number(let two)): self = .number(one + two)
            case (.histogram(var one), .histogram(let two)):
                one.add(two)
                self = .histogram(one)
            case (.number, .histogram), (.histogram, .number): break
            }
        }
    }

    /// The values of one family.
    public struct Series: Sendable {
        /// The family.
        public let family: MetricFamily
        /// The values by their labels, which are in the order of the family's.
        public fileprivate(set) var values: [[String]: Value] = [:]
    }

    /// The families that have values, by their names.
    private var series: [String: Series] = [:]

    /// No samples.
    public init() {}

    // MARK: Collecting

    /// Adds a number to what is there under these labels.
    public mutating func add(_ number: Double, to family: MetricFamily, _ labels: String...) {
        add(.number(number), to: family, labels)
    }

    /// Adds a count to what is there under these labels. A count of 0 adds nothing, so that no series is made for it.
    public mutating func add(count: UInt64, to family: MetricFamily, _ labels: String...) {
        if count > 0 { add(.number(Double(count)), to: family, labels) }
    }

    /// Adds what a histogram has counted. Nothing is added where it has counted nothing.
    public mutating func add(_ counts: HistogramCounts?, to family: MetricFamily, _ labels: String...) {
        if let counts { add(.histogram(counts), to: family, labels) }
    }

    /// Adds a value to what is there under these labels. Labels of another number than the family's are ignored with their
    /// value.
    public mutating func add(_ value: Value, to family: MetricFamily, _ labels: [String]) {
        guard labels.count == family.labels.count else { return }
        series[family.name, default: Series(family: family)].values.merge([labels: value]) { present, new in
            var sum = present
            sum.add(new)
            return sum
        }
    }

    /// Adds other samples.
    public mutating func add(_ other: MetricSamples) {
        for (name, added) in other.series {
            series[name, default: Series(family: added.family)].values.merge(added.values) { present, new in
                var sum = present
                sum.add(new)
                return sum
            }
        }
    }

    // MARK: Asking

    /// The families with values, those of the table first and in its order, and then others by their names.
    public var all: [Series] {
        let known = MetricTable.families.compactMap { series[$0.name] }
        let others = series.filter { MetricTable.position(of: $0.key) == nil }.map(\.value)
        return known + others.sorted { $0.family.name < $1.family.name }
    }

    /// Adds up the numbers of a family, of histograms the counts.
    ///
    /// - Parameter conditions: the values that labels must have.
    public func sum(of family: MetricFamily, where conditions: [String: String] = [:]) -> Double {
        matching(family, conditions).reduce(0) { sum, sample in
            switch sample.value {
            case .number(let number): sum + number
            case .histogram(let counts): sum + Double(counts.count)
            }
        }
    }

    /// Adds up the numbers of a family for each value of a label.
    public func sums(
        of family: MetricFamily,
        by label: String,
        where conditions: [String: String] = [:]
    ) -> [String: Double] {
        guard let place = family.labels.firstIndex(of: label) else { return [:] }
        var sums: [String: Double] = [:]
        for (labels, value) in matching(family, conditions) where labels.indices.contains(place) {
            switch value {
            case .number(let number): sums[labels[place], default: 0] += number
            case .histogram(let counts): sums[labels[place], default: 0] += Double(counts.count)
            }
        }
        return sums
    }

    /// Adds up the histograms of a family. It is nil where nothing was counted.
    public func histogram(of family: MetricFamily, where conditions: [String: String] = [:]) -> HistogramCounts? {
        var sum: HistogramCounts?
        for case (_, .histogram(let counts)) in matching(family, conditions) {
            if sum == nil { sum = counts } else { sum?.add(counts) }
        }
        return sum
    }

    private func matching(
        _ family: MetricFamily,
        _ conditions: [String: String]
    ) -> [(labels: [String], value: Value)] {
        guard let values = series[family.name]?.values else { return [] }
        let places = conditions.map { (family.labels.firstIndex(of: $0.key), $0.value) }
        return values.filter { labels, _ in
            places.allSatisfy { place, wanted in
                guard let place, labels.indices.contains(place) else { return false }
                return labels[place] == wanted
            }
        }.map { ($0.key, $0.value) }
    }
}
