import ResponseCache
import Upstream

extension TokenPrices {
    /// What an answer with that usage costs, in US dollars.
    func cost(of usage: TokenUsage) -> Double {
        cost(input: usage.input, output: usage.output, cachedInput: usage.cachedInput)
    }
}

extension Transaction {
    /// What the request has cost in US dollars. It is nil where it cost nothing, or where the tokens or their prices are not
    /// known.
    var spentDollars: Double? {
        guard let spentTokens, let prices = group?.prices(of: producer) else { return nil }
        return prices.cost(of: spentTokens)
    }

    /// What the request would have cost in US dollars without the cache and without the calls of other requests. It is nil
    /// where that is nothing, or not known.
    var savedDollars: Double? {
        guard let savedTokens, let prices = group?.prices(of: producer) else { return nil }
        return prices.cost(of: savedTokens)
    }
}
