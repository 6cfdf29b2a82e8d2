import Foundation
import Testing

@testable import Upstream

@Suite("The prices of common models")
struct PriceTableTests {
    @Test("are in dollars for one token")
    func units() {
        let prices = PriceTable.known.prices(of: "gpt-4o", from: "openai")
        #expect(prices == TokenPrices(input: 2.5e-6, output: 1e-5, cachedInput: 1.25e-6))
        #expect(
            PriceTable.known.prices(of: "claude-sonnet-4-6", from: "anthropic")
                == TokenPrices(input: 3e-6, output: 1.5e-5, cachedInput: 3e-7)
        )
        #expect(
            PriceTable.known.prices(of: "text-embedding-3-small", from: "openai")
                == TokenPrices(input: 2e-8, output: 0, cachedInput: 2e-8)
        )
    }

    @Test("are each in a line of the form PROVIDER/MODEL INPUT OUTPUT [CACHED], and none is beyond belief")
    func lines() {
        let lines = KnownPrices.lines.split(separator: "\n")
        #expect(lines.count > 200)
        #expect(PriceTable.known.prices.count == lines.count, "each line is a row, and no model has two")
        for (line, prices) in zip(lines, lines.map { PriceTable(String($0)).prices.values.first }) {
            guard let prices else { continue }
            #expect(prices.input > 1e-9 && prices.input <= 2e-4, "\(line)")
            #expect(prices.output <= 1e-3 && prices.cachedInput <= prices.input, "\(line)")
            #expect(line.split(separator: "/").first.map { Provider.named($0) != nil } == true, "\(line)")
        }
    }

    @Test("have a date, which the documentation has too")
    func date() throws {
        let documentation = try String(contentsOfFile: "docs/prices.md", encoding: .utf8)
        #expect(documentation.contains("taken on \(KnownPrices.date)"))
        let parts = KnownPrices.date.split(separator: "-").compactMap { Int($0) }
        try #require(parts.count == 3)
        #expect((2026...2100).contains(parts[0]) && (1...12).contains(parts[1]) && (1...31).contains(parts[2]))
    }

    @Test(
        "are those of the model for a dated snapshot that has none of its own",
        arguments: [
            ("openai", "gpt-4o-2024-08-06", 2.5e-6), ("openai", "gpt-4.1-mini-2025-04-14", 4e-7),
            ("anthropic", "claude-haiku-4-5-20251001", 1e-6), ("azure", "gpt-4o-2024-05-13", 5e-6),
            ("openai", "ft:gpt-4o-mini-2024-07-18:acme::id", 3e-7),
        ]
    )
    func snapshots(provider: String, model: String, input: Double) {
        #expect(PriceTable.known.prices(of: model, from: provider)?.input == input)
    }

    @Test(
        "are not guessed for another model, nor for another provider",
        arguments: [
            ("openai", "gpt-4o-turbo"), ("openai", "gpt-4o-2024-08"), ("openai", "gpt-4o-"), ("openai", "gpt-4"),
            ("anthropic", "gpt-4o"), ("openai", ""), ("openai", "-2024-08-06"), ("openai", "ft:gpt-4o"),
            ("openai", "gpt-4o-2024-08-06-2024-08-06"), ("openai", "*"), ("hosted_vllm", "gpt-4o"),
        ]
    )
    func unknown(provider: String, model: String) {
        #expect(PriceTable.known.prices(of: model, from: provider) == nil)
    }
}

@Suite("What an answer costs")
struct TokenPricesTests {
    let prices = TokenPrices(input: 2, output: 10, cachedInput: 0.5)

    @Test("is the sum of its tokens, of which those from the provider's cache have a price of their own")
    func cost() {
        #expect(prices.cost(input: 100, output: 7) == 270)
        #expect(prices.cost(input: 100, output: 7, cachedInput: 40) == 210)
        #expect(TokenPrices(input: 2, output: 10).cost(input: 10, output: 0, cachedInput: 10) == 20)
    }

    @Test("is never negative, whatever a provider reports")
    func nonsense() {
        #expect(prices.cost(input: -5, output: -5, cachedInput: -5) == 0)
        #expect(prices.cost(input: 10, output: 0, cachedInput: 999) == 5)
        #expect(prices.cost(input: .max, output: .max, cachedInput: .max).isFinite)
    }

    @Test("follows the entry, then the table, member by member")
    func configured() {
        let known = TokenPrices(input: 4, output: 8, cachedInput: 1)
        #expect(ConfiguredPrices().completed(with: nil) == nil)
        #expect(ConfiguredPrices().completed(with: known) == known)
        #expect(ConfiguredPrices(input: 2).completed(with: nil) == TokenPrices(input: 2, output: 0))
        #expect(ConfiguredPrices(output: 2).completed(with: nil) == TokenPrices(input: 0, output: 2))
        #expect(
            ConfiguredPrices(output: 9).completed(with: known) == TokenPrices(input: 4, output: 9, cachedInput: 1)
        )
        #expect(
            ConfiguredPrices(input: 0, output: 0).completed(with: known)
                == TokenPrices(input: 0, output: 0, cachedInput: 0)
        )
    }
}

@Suite("The prices of deployments")
struct DeploymentPricesTests {
    private func group(
        _ name: String,
        _ models: (String, ConfiguredPrices)...,
        asked: String? = nil
    ) -> ModelGroup? {
        let descriptions = models.map { model, prices in
            DeploymentDescription(
                modelName: name,
                model: model,
                apiBase: "http://h/v1",
                apiVersion: "1",
                prices: prices
            )
        }
        let made = ModelDirectory.make(descriptions, calls: Calls.table) { _ in nil }
        return made.directory.group(named: asked ?? name)
    }

    @Test("are known by provider and model, whatever clients call it")
    func byName() {
        #expect(group("cheap", ("gpt-4o-mini", .init()))?.deployments.first?.prices?.input == 1.5e-7)
        #expect(group("mine", ("openai/own-model", .init()))?.prices(of: nil) == nil)
        let configured = ConfiguredPrices(input: 1e-6, output: 2e-6)
        #expect(
            group("mine", ("openai/own-model", configured))?.prices(of: nil) == TokenPrices(input: 1e-6, output: 2e-6)
        )
    }

    @Test("are those of base_model, with its provider or without")
    func baseModel() {
        for base in ["azure/gpt-4o", "gpt-4o"] {
            let group = group("m", ("azure/our-deployment", ConfiguredPrices(baseModel: base)))
            #expect(group?.prices(of: nil)?.output == 1e-5)
        }
        #expect(group("m", ("azure/our-deployment", ConfiguredPrices(baseModel: "gpt-9")))?.prices(of: nil) == nil)
    }

    @Test("of an answer are its deployment's; where that is not known, the first that there are")
    func producers() {
        let group = group("m", ("openai/none", .init()), ("openai/gpt-4o", .init()), ("openai/gpt-4.1", .init()))
        let deployments = group?.deployments ?? []
        #expect(deployments.count == 3 && deployments.first?.prices == nil)
        #expect(group?.prices(of: deployments.last?.producer)?.input == 2e-6)
        #expect(group?.prices(of: deployments.first?.producer) == nil)
        #expect(group?.prices(of: nil)?.input == 2.5e-6)
    }

    @Test("of a name that a pattern covers are those of the model that it asks for")
    func patterns() {
        #expect(group("openai/*", ("openai/*", .init()), asked: "openai/gpt-4o")?.prices(of: nil)?.input == 2.5e-6)
        #expect(group("openai/*", ("openai/*", .init()), asked: "openai/nonsense")?.prices(of: nil) == nil)
        let fixed = ConfiguredPrices(input: 7, output: 8)
        #expect(group("openai/*", ("openai/*", fixed), asked: "openai/nonsense")?.prices(of: nil)?.input == 7)
    }

    @Test("of a mock are only what its entry says")
    func mocks() {
        var mock = DeploymentDescription(modelName: "m", model: "openai/gpt-4o", mockResponse: .text("hi"))
        let free = ModelDirectory.make([mock], calls: Calls.table) { _ in nil }
        #expect(free.directory.group(named: "m")?.prices(of: nil) == nil)
        mock.prices = ConfiguredPrices(input: 1)
        let priced = ModelDirectory.make([mock], calls: Calls.table) { _ in nil }
        #expect(priced.directory.group(named: "m")?.prices(of: nil)?.input == 1)
    }
}
