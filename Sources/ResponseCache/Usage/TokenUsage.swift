/// The tokens that an answer of a model has cost, as the model reports them.
public struct TokenUsage: Sendable, Hashable {
    /// The tokens of the request, including those that the provider had in a cache of its own.
    public var input: Int
    /// The tokens of the answer.
    public var output: Int
    /// How many of the request's tokens the provider read from a cache of its own. That cache has nothing to do with the
    /// gateway's.
    public var cachedInput: Int

    public init(input: Int, output: Int, cachedInput: Int = 0) {
        self.input = input
        self.output = output
        self.cachedInput = cachedInput
    }
}
