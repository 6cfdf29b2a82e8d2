extension Deployment {
    /// The prices of the model, as its entry gives them or else as the table of common models has them.
    ///
    /// A mock costs only what its entry says.
    static func prices(of endpoint: Endpoint?, _ configured: ConfiguredPrices) -> TokenPrices? {
        configured.completed(with: endpoint.flatMap { known($0.provider.name, $0.model, configured) })
    }

    private static func known(_ provider: String, _ model: String, _ configured: ConfiguredPrices) -> TokenPrices? {
        guard let base = configured.baseModel else { return PriceTable.known.prices(of: model, from: provider) }
        let parts = base.split(separator: "/", maxSplits: 1)
        if parts.count == 2, let named = PriceTable.known.prices(of: String(parts[1]), from: String(parts[0])) {
            return named
        }
        return PriceTable.known.prices(of: base, from: provider)
    }

    /// The prices for a name that a pattern covers, whose stars stand for `starValues`.
    fileprivate func prices(filledWith starValues: [String]) -> TokenPrices? {
        guard origin != nil, ModelPattern.stars(in: model) > 0 else { return prices }
        return configuredPrices.completed(
            with: Self.known(provider, ModelPattern.fill(model, with: starValues), configuredPrices)
        )
    }
}

extension ModelGroup {
    /// What the tokens of an answer cost: the prices of the deployment that made it or, where that is not known, as for
    /// an answer from the cache, of the group's first deployment that has any. They are nil where no price is known.
    public func prices(of producer: Producer?) -> TokenPrices? {
        if let producer, let deployment = deployments.first(where: { $0.producer === producer }) {
            return prices(of: deployment)
        }
        for deployment in deployments {
            if let prices = prices(of: deployment) { return prices }
        }
        return nil
    }

    private func prices(of deployment: Deployment) -> TokenPrices? {
        starValues.map { deployment.prices(filledWith: $0) } ?? deployment.prices
    }
}
