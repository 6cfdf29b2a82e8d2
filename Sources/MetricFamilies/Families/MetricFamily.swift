/// A metric that the gateway exports: what its name, its type and its labels are, and what they mean.
///
/// The table of all families drives the exposition, docs/metrics.md, and the tests that dashboards and alert rules use
/// nothing else.
public struct MetricFamily: Sendable {
    /// How values change, and how they are exposed.
    public enum Kind: Sendable, Hashable {
        /// A number that only grows while the process lives.
        case counter
        case gauge
        /// How many values were in each range, and their sum.
        case histogram(HistogramBounds)

        /// The word of the exposition format.
        public var word: String {
            switch self {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram: "histogram"
            }
        }
    }

    /// The name, with the base unit, and `_total` where it is a counter.
    public let name: String
    /// How values change.
    public let kind: Kind
    /// One sentence that says what is counted.
    public let help: String
    /// The names of its labels.
    public let labels: [String]

    /// - Parameters:
    ///   - help: one sentence that says what is counted.
    ///   - labels: the names of its labels. Values are given in this order.
    public init(_ name: String, _ kind: Kind, _ help: String, labels: [String] = []) {
        self.name = name
        self.kind = kind
        self.help = help
        self.labels = labels
    }
}
