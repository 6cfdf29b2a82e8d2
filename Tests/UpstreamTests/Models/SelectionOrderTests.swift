import NIOCore
import Testing

@testable import Upstream

@Suite("The choice of a deployment by order and by calls")
struct SelectionOrderTests {
    private let later = NIODeadline.uptimeNanoseconds(1_000)

    private func candidate(
        order: Int = 0,
        calls: Int = 0,
        weight: Double = 1,
        rests: Bool = false,
        attempts: Int = 0,
        isFull: Bool = false
    ) -> Selection.Candidate {
        Selection.Candidate(
            weight: weight,
            restsUntil: rests ? later : nil,
            isUsable: true,
            attempts: attempts,
            isFull: isFull,
            order: order,
            calls: calls
        )
    }

    private func chosen(_ candidates: [Selection.Candidate]) -> Set<Int> {
        var random = Randomness(seed: 1)
        return Set((0..<200).compactMap { _ in Selection.choose(candidates, random: &random) })
    }

    @Test("is among those that are first in the order, as long as one of them can be called")
    func order() {
        #expect(chosen([candidate(order: 2), candidate(order: 1), candidate(order: 1)]) == [1, 2])
        #expect(chosen([candidate(order: 2), candidate(order: 1, attempts: 1)]) == [0])
        #expect(chosen([candidate(order: 2), candidate(order: 1, rests: true)]) == [0])
        #expect(chosen([candidate(order: 2), candidate(order: 1, isFull: true)]) == [0])
        #expect(chosen([candidate(order: .max), candidate(order: .max)]) == [0, 1])
    }

    @Test("is among those with the fewest calls in proportion to their weights, where that decides")
    func leastBusy() {
        #expect(chosen([candidate(calls: 2), candidate(calls: 1), candidate(calls: 1)]) == [1, 2])
        #expect(chosen([candidate(calls: 2, weight: 4), candidate(calls: 1)]) == [0])
        #expect(chosen([candidate(calls: 5), candidate(calls: 1, weight: 0)]) == [0])
        #expect(chosen([candidate(), candidate()]) == [0, 1])
        #expect(chosen([candidate(order: 1, calls: 9), candidate(order: 2)]) == [0])
    }
}
