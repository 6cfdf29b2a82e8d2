import MetricFamilies
import Testing

@Suite("The table of metrics")
struct MetricTableTests {
    @Test("Names are unique, begin with the prefix, and end as their kind requires", arguments: MetricTable.families)
    func names(_ family: MetricFamily) {
        #expect(MetricTable.families.count { $0.name == family.name } == 1)
        #expect(family.name.hasPrefix("gateway_") || family.name.hasPrefix("process_"))
        #expect(family.name.allSatisfy { $0.isLowercase || $0 == "_" })
        switch family.kind {
        case .counter: #expect(family.name.hasSuffix("_total"))
        case .gauge: #expect(!family.name.hasSuffix("_total"))
        case .histogram: #expect(family.name.hasSuffix("_seconds"))
        }
        #expect(family.help.hasSuffix(".") && !family.help.contains("|"))
        #expect(Set(family.labels).count == family.labels.count && !family.labels.contains("le"))
    }

    @Test("Each family is in the reference")
    func reference() {
        let text = MetricReference.markdown()
        for family in MetricTable.families { #expect(text.contains("| `\(family.name)` | \(family.kind.word) |")) }
    }
}
