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
    }

    /// Chooses by weight among the candidates that were tried least. Those that rest, or that cannot be used, are
    /// chosen only where there is no other. Those that are full are never chosen, and as long as one of them does not
    /// rest, the call waits for it rather than going to one that rests.
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
        let awake = untried.filter { candidates[$0].restsUntil == nil }
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
}
