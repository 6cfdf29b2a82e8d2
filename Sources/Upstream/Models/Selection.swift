import NIOCore

/// Selects the deployment that is called next.
enum Selection {
    struct Candidate {
        var weight: Double
        /// When its rest ends. It is nil where the deployment does not rest.
        var restsUntil: NIODeadline?
        var isUsable: Bool
        /// How often the request has tried it.
        var attempts: Int
        /// Whether it currently takes no more calls.
        var isFull = false
        /// Its place in the order of the group: a lower one is chosen first.
        var order = 0
        /// How many calls to it are in progress, where that decides. It is 0 for all of them otherwise.
        var calls = 0
    }

    /// Chooses by weight among the candidates that were tried least. Those that rest, or that cannot be used, are
    /// chosen only where there is no other. Those that are full are never chosen, and as long as one of them does not
    /// rest, the call waits for it rather than going to one that rests. Among those that remain, the ones that are first
    /// in the order are chosen, and among these the ones with the fewest calls in proportion to their weights.
    ///
    /// - Returns: a position in `candidates`. It is nil where the call has to wait.
    static func choose(_ candidates: [Candidate], random: inout some RandomNumberGenerator) -> Int? {
        let usable = candidates.indices.filter { candidates[$0].isUsable }
        let isAwakeOneFull = usable.contains { candidates[$0].isFull && candidates[$0].restsUntil == nil }
        let pool = (usable.isEmpty ? Array(candidates.indices) : usable).filter { index in
            !candidates[index].isFull && !(isAwakeOneFull && candidates[index].restsUntil != nil)
        }
        guard !pool.isEmpty else { return nil }
        let fewest = pool.map { candidates[$0].attempts }.min() ?? 0
        let untried = pool.filter { candidates[$0].attempts == fewest }
        let awake = preferred(untried.filter { candidates[$0].restsUntil == nil }, of: candidates)
        guard !awake.isEmpty else {
            let restsUntil = { (index: Int) in candidates[index].restsUntil ?? .distantPast }
            return untried.min { restsUntil($0) < restsUntil($1) } ?? pool[0]
        }
        let total = awake.reduce(0) { $0 + candidates[$1].weight }
        guard total > 0, total.isFinite else {
            return awake[Int.random(in: awake.indices, using: &random)]
        }
        var ticket = Double.random(in: 0..<total, using: &random)
        for index in awake {
            if ticket < candidates[index].weight { return index }
            ticket -= candidates[index].weight
        }
        return awake.last { candidates[$0].weight > 0 } ?? awake[0]
    }

    /// The candidates that are first in the order, and of these the ones that are least busy.
    private static func preferred(_ awake: [Int], of candidates: [Candidate]) -> [Int] {
        let first = awake.map { candidates[$0].order }.min() ?? 0
        let firsts = awake.filter { candidates[$0].order == first }
        let weighted = firsts.filter { candidates[$0].weight > 0 }
        let pool = weighted.isEmpty ? firsts : weighted
        func load(_ index: Int) -> Double { Double(candidates[index].calls) / max(candidates[index].weight, 1e-9) }
        let least = pool.map(load).min() ?? 0
        return pool.allSatisfy { candidates[$0].calls == 0 } ? firsts : pool.filter { load($0) <= least }
    }
}
