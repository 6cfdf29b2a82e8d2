/// What a model's tokens cost, in US dollars for one token.
public struct TokenPrices: Sendable, Hashable {
    /// The price of a token of the question.
    public let input: Double
    /// The price of a token of the answer. It is 0 for calls whose answers have none, such as embeddings.
    public let output: Double
    /// The price of a token of the question that the provider found in its own prompt cache.
    public let cachedInput: Double

    /// - Parameter cachedInput: is taken to be the price of any token of the question where it is nil.
    init(input: Double, output: Double, cachedInput: Double? = nil) {
        self.input = input
        self.output = output
        self.cachedInput = cachedInput ?? input
    }

    /// What a call has cost, in dollars.
    ///
    /// - Parameters:
    ///   - input: the tokens of the question, with those that the provider found in its own cache.
    ///   - output: the tokens of the answer.
    ///   - cached: how many of `input` the provider found in its own cache.
    public func cost(input: Int, output: Int, cachedInput cached: Int = 0) -> Double {
        let cached = min(max(0, cached), max(0, input))
        let others = max(0, input) - cached
        return Double(others) * self.input + Double(cached) * cachedInput + Double(max(0, output)) * self.output
    }
}

/// The prices that an entry of `model_list` gives, each in US dollars for one token, and the model whose prices apply
/// where it gives none.
public struct ConfiguredPrices: Sendable, Hashable {
    /// `input_cost_per_token`
    public var input: Double?
    /// `output_cost_per_token`
    public var output: Double?
    /// `cache_read_input_token_cost`
    public var cachedInput: Double?
    /// `base_model`: the model in the table of prices, with its provider or without, for a name that the table does not
    /// have.
    public var baseModel: String?

    /// Makes the prices of an entry that gives these.
    public init(input: Double? = nil, output: Double? = nil, cachedInput: Double? = nil, baseModel: String? = nil) {
        self.input = input
        self.output = output
        self.cachedInput = cachedInput
        self.baseModel = baseModel
    }

    /// The prices, with those of the table where none are given. They are nil where neither has any.
    func completed(with known: TokenPrices?) -> TokenPrices? {
        guard let input = input ?? known?.input ?? output.map({ _ in 0 }) else { return nil }
        // Nobody charges more for what was found in a cache than for what was not.
        let cached = cachedInput ?? known.map { min($0.cachedInput, input) }
        return TokenPrices(input: input, output: output ?? known?.output ?? 0, cachedInput: cached)
    }
}
