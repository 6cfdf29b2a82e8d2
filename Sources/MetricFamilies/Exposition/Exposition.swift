/// Writes samples in the text format of Prometheus, version 0.0.4.
///
/// The time and the size are proportional to the number of samples.
public enum Exposition {
    /// The media type of the text.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// Returns the text of all samples.
    public static func text(of samples: MetricSamples) -> [UInt8] {
        var text = Text()
        for series in samples.all { text.write(series) }
        return text.bytes
    }

    private struct Text {
        var bytes: [UInt8] = []

        mutating func write(_ series: MetricSamples.Series) {
            let family = series.family
            add("# HELP \(family.name) ")
            escape(family.help, quotes: false)
            add("\n# TYPE \(family.name) \(family.kind.word)\n")
            for (labels, value) in series.values.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
                let pairs = Array(zip(family.labels, labels))
                switch value {
                case .number(let number): line(family.name, pairs, number)
                case .histogram(let counts): write(counts, family.name, pairs)
                }
            }
        }

        private mutating func write(_ counts: HistogramCounts, _ name: String, _ pairs: [(String, String)]) {
            var below: UInt64 = 0
            for (bound, count) in zip(counts.bounds.values.map(Self.format) + ["+Inf"], counts.buckets) {
                below &+= count
                line(name + "_bucket", pairs + [("le", bound)], Double(below))
            }
            line(name + "_sum", pairs, counts.sum)
            line(name + "_count", pairs, Double(below))
        }

        private mutating func line(_ name: String, _ pairs: [(String, String)], _ value: Double) {
            add(name)
            var separator = "{"
            // An empty label is the same as none.
            for (label, value) in pairs where !value.isEmpty {
                add("\(separator)\(label)=\"")
                escape(value, quotes: true)
                add("\"")
                separator = ","
            }
            if separator == "," { add("}") }
            add(" \(Self.format(value))\n")
        }

        /// A backslash, a line end and, within quotes, a quotation mark are escaped.
        private mutating func escape(_ text: String, quotes: Bool) {
            for byte in text.utf8 {
                switch byte {
                case UInt8(ascii: "\\"): add("\\\\")
                case UInt8(ascii: "\n"): add("\\n")
                case UInt8(ascii: "\"") where quotes: add("\\\"")
                default: bytes.append(byte)
                }
            }
        }

        private mutating func add(_ text: String) { bytes += text.utf8 }

        /// A number as Go reads it.
        static func format(_ number: Double) -> String {
            if number.isNaN { return "NaN" }
            if number.isInfinite { return number < 0 ? "-Inf" : "+Inf" }
            if let whole = Int64(exactly: number) { return "\(whole)" }
            return "\(number)"
        }
    }
}
