import NIOCore

/// Which of several deployments is called next.
enum Selection {
    struct Candidate {
        var weight: Double
        /// Nil: it does not rest.
        var restsUntil: NIODeadline?
        var isUsable: Bool
        /// How often this request has tried it.
        var attempts: Int
        /// It takes no more calls at present.
        var isFull = false
    }

    /// Those that cannot be used or rest come last, not never. Full ones are passed over; where the others all rest, that is no
    /// reason to disturb them, and the call waits.
    /// - Returns: a position in `candidates`; nil if all that would do are full.
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
