/// All families that the gateway exports, in the order of the exposition and of docs/metrics.md.
public enum MetricTable {
    /// Families about one subject.
    public struct Part: Sendable {
        /// The heading in docs/metrics.md.
        public let title: String
        /// The families.
        public let families: [MetricFamily]
    }

    /// The families by their subjects.
    public static let parts: [Part] = [
        Part(title: "Requests", families: MetricFamily.Requests.all),
        Part(title: "Tokens and dollars", families: MetricFamily.Usage.all),
        Part(title: "The cache", families: MetricFamily.Cache.all),
        Part(title: "The cache backend", families: MetricFamily.Backend.all),
        Part(title: "Models", families: MetricFamily.Upstream.all),
        Part(title: "The server", families: MetricFamily.Server.all),
        Part(title: "The process", families: MetricFamily.Process.all),
    ]

    /// The families one after the other.
    public static let families: [MetricFamily] = parts.flatMap(\.families)

    /// The position of each family by its name, which is one of ours.
    private static let positions = Dictionary(
        families.enumerated().map { ($1.name, $0) },
        uniquingKeysWith: { first, _ in first }
    )

    /// The family with that name, which is not from outside.
    public static func position(of name: String) -> Int? { positions[name] }
}
