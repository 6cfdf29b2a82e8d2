/// What an entry of `model_list` says of the prices of its model's tokens, in US dollars for one token.
public struct PriceSettings: Sendable, Hashable {
    /// `input_cost_per_token`
    public var input: Double?
    /// `output_cost_per_token`
    public var output: Double?
    /// `cache_read_input_token_cost`
    public var cachedInput: Double?
    /// `base_model`: the model whose known prices apply where none is given.
    public var baseModel: String?

    /// Makes prices of which nothing is said.
    public init() {}

    /// These prices, with `others` where these say nothing.
    func completed(with others: PriceSettings) -> PriceSettings {
        var prices = self
        prices.input = input ?? others.input
        prices.output = output ?? others.output
        prices.cachedInput = cachedInput ?? others.cachedInput
        prices.baseModel = baseModel ?? others.baseModel
        return prices
    }
}
