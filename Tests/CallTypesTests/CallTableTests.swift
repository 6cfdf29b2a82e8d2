import CallTypes
import Testing

@Suite struct CallTableTests {
    private let table = CallTable([
        CallDefinition(name: "completion", configuredNames: ["completion", "acompletion"], upstreamPath: "/chat"),
        CallDefinition(name: "rerank", configuredNames: ["rerank", "arerank"], upstreamPath: "/rerank"),
    ])

    @Test("Calls have positions without a gap, and are found by either of their names") func lookup() {
        #expect(table.all.map(\.position) == [0, 1] && table.count == 2)
        for name in ["rerank", "arerank"] { #expect(table.type(configuredAs: name) == table.all[1]) }
        #expect(table.type(configuredAs: "Rerank") == nil && table.type(configuredAs: "") == nil)
        #expect(table[table.all[1]].upstreamPath == "/rerank")
        #expect(table.configuredNames == ["completion", "acompletion", "rerank", "arerank"])
    }

    @Test("A set has the calls that were put into it, and no others") func sets() {
        var set = CallTypeSet()
        #expect(set.isEmpty && !set.contains(table.all[0]))
        set.insert(table.all[1])
        #expect(set.contains(table.all[1]) && !set.contains(table.all[0]) && !set.isEmpty)
        #expect(set == CallTypeSet([table.all[1]]) && set != CallTypeSet(table.all))
    }
}
