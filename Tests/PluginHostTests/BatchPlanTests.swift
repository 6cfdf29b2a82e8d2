import Testing

@testable import PluginHost

@Suite("A batch is divided among operations")
struct BatchPlanTests {
    @Test("consecutive items go together, at most as many as the plugin takes")
    func limit() {
        #expect(
            Array(BatchPlan(count: 7, itemsPerOperation: 3)) == [
                .operation(0..<3), .operation(3..<6), .operation(6..<7),
            ]
        )
        #expect(Array(BatchPlan(count: 3, itemsPerOperation: 3)) == [.operation(0..<3)])
        #expect(Array(BatchPlan(count: 2, itemsPerOperation: 1)) == [.operation(0..<1), .operation(1..<2)])
        #expect(Array(BatchPlan(count: 0, itemsPerOperation: 3)).isEmpty)
    }

    @Test("a plugin without a limit, or with a huge or senseless one, still gets operations of bounded size")
    func noLimit() {
        let most = BatchPlan.mostItems
        for limit in [nil, Int.max] {
            let plan = Array(BatchPlan(count: most + 1, itemsPerOperation: limit))
            #expect(plan == [.operation(0..<most), .operation(most..<most + 1)])
        }
        #expect(Array(BatchPlan(count: 2, itemsPerOperation: 0)) == [.operation(0..<1), .operation(1..<2)])
    }

    @Test("an item that does not fit is in no operation, and its neighbours are")
    func refused() {
        func plan(_ large: Set<Int>) -> [BatchPlan.Part] {
            Array(BatchPlan(count: 4, itemsPerOperation: 2) { !large.contains($0) })
        }
        #expect(plan([1]) == [.operation(0..<1), .refused(1), .operation(2..<4)])
        #expect(plan([0, 3]) == [.refused(0), .operation(1..<3), .refused(3)])
        #expect(plan([0, 1, 2, 3]) == (0..<4).map { .refused($0) })
    }

    @Test("every item is in exactly one part, in order, whatever fits")
    func complete() {
        for pattern in 0..<64 {
            for limit in 1...7 {
                var items: [Int] = []
                for part in BatchPlan(count: 6, itemsPerOperation: limit, fits: { pattern >> $0 & 1 == 1 }) {
                    switch part {
                    case .operation(let range):
                        #expect((1...limit).contains(range.count))
                        items += range
                    case .refused(let index): items.append(index)
                    }
                }
                #expect(items == Array(0..<6))
            }
        }
    }
}
