import JSON

/// The tokens that an embedding answer, or one input's share of it, was billed for.
struct EmbeddingUsage: Sendable, Hashable {
    var promptTokens: UInt64
    var totalTokens: UInt64

    /// The largest number of tokens that is accepted, 2^53.
    static let most: UInt64 = 1 << 53

    /// Reads the usage of an answer. The result is nil where the usage cannot be divided among the inputs. Other
    /// members of the usage cannot be divided either, so clients see them only in an answer that is passed on
    /// unchanged.
    init?(_ node: JSONNode?, in answer: JSONDocument) {
        guard let node,
            let prompt = EmbeddingUsage.tokens(answer.member("prompt_tokens", of: node), in: answer),
            let total = EmbeddingUsage.tokens(answer.member("total_tokens", of: node), in: answer)
        else { return nil }
        promptTokens = prompt
        totalTokens = total
    }

    init(promptTokens: UInt64, totalTokens: UInt64) {
        self.promptTokens = promptTokens
        self.totalTokens = totalTokens
    }

    /// Writes the value of an answer's `usage`.
    func write(to json: inout JSONWriter) {
        json.object { usage in
            usage.member("prompt_tokens") { $0.integer(promptTokens) }
            usage.member("total_tokens") { $0.integer(totalTokens) }
        }
    }

    static func + (one: Self, two: Self) -> Self {
        EmbeddingUsage(
            promptTokens: sum(one.promptTokens, two.promptTokens),
            totalTokens: sum(one.totalTokens, two.totalTokens)
        )
    }

    /// Divides the usage in proportion to `weights`. Where all weights are zero, they are treated as equal. The sum of
    /// the shares is exactly the usage.
    func shares(by weights: [Int]) -> [EmbeddingUsage] {
        let prompts = EmbeddingUsage.shares(of: promptTokens, by: weights)
        let totals = EmbeddingUsage.shares(of: totalTokens, by: weights)
        return zip(prompts, totals).map { EmbeddingUsage(promptTokens: $0, totalTokens: $1) }
    }

    /// Each share is the increase of the running total, so rounding neither loses nor adds a token.
    private static func shares(of tokens: UInt64, by weights: [Int]) -> [UInt64] {
        let whole = weights.reduce(0) { sum($0, UInt64(clamping: $1)) }
        var weight: UInt64 = 0
        var given: UInt64 = 0
        return weights.enumerated().map { index, own in
            weight = whole == 0 ? UInt64(index + 1) : sum(weight, UInt64(clamping: own))
            let divisor = whole == 0 ? UInt64(weights.count) : whole
            // The quotient is at most `tokens`, as the weight is at most the divisor.
            let upToHere =
                weight >= divisor ? tokens : divisor.dividingFullWidth(tokens.multipliedFullWidth(by: weight)).quotient
            defer { given = upToHere }
            return upToHere - given
        }
    }

    private static func tokens(_ node: JSONNode?, in answer: JSONDocument) -> UInt64? {
        guard let node, let tokens = answer.int64(node), let count = UInt64(exactly: tokens), count <= most else {
            return nil
        }
        return count
    }

    private static func sum(_ one: UInt64, _ two: UInt64) -> UInt64 {
        let (sum, overflow) = one.addingReportingOverflow(two)
        return overflow ? .max : sum
    }
}
