import Text

/// A part of an entry of `model_list` in which prices may stand.
protocol PricedDraft: SendableMetatype {
    var prices: PriceSettings { get set }
}

extension SectionParameter where Target: PricedDraft {
    /// A price in dollars for one token.
    private static func price(
        _ name: String,
        _ path: any WritableKeyPath<PriceSettings, Double?> & Sendable,
        _ meaning: String
    ) -> SectionParameter {
        SectionParameter(name, "number", meaning) { member, target, context in
            target.prices[keyPath: path] = context.price(member)
        }
    }

    /// The parameters of prices, which stand in `litellm_params` and in `model_info`.
    static var prices: [SectionParameter] {
        [
            .price(
                "input_cost_per_token",
                \.input,
                "What a token of the question costs, in US dollars: 0.0000025 where a million cost 2.50. It makes no difference "
                    + "to answers; metrics and the access log say what was spent and saved. Default: that of the model, where "
                    + "it is known."
            ),
            .price("output_cost_per_token", \.output, "The same for a token of the answer."),
            .price(
                "cache_read_input_token_cost",
                \.cachedInput,
                "The same for a token of the question that the provider found in its own prompt cache."
            ),
            SectionParameter(
                "base_model",
                "string",
                "The model whose known prices apply, such as `azure/gpt-4o`, where its own name says nothing."
            ) { member, target, context in
                target.prices.baseModel = context.text(member)
            },
        ]
    }
}

/// What `model_info` says.
struct ModelInfoDraft: PricedDraft {
    var id: String?
    var prices = PriceSettings()
}

extension Section where Target == ModelInfoDraft {
    /// The parameters of `model_info` that have an effect. LiteLLM's others, and any of the operator's own, are no
    /// mistakes.
    static let modelInfo = Section(
        "model_info",
        [
            SectionParameter("id", "string", "Identifies the entry in logs and fields.") { member, draft, context in
                guard let text = context.text(member) else { return }
                guard text.utf8.count <= 128, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                    return context.error(
                        member.value.position,
                        "'id' in model_info must have at most 128 characters of ASCII, and no spaces"
                    )
                }
                draft.id = text
            }
        ] + SectionParameter.prices,
        others: { _, _, _ in }
    )
}

extension ReadingContext {
    /// No token costs more, in dollars. The dearest that are known cost less than a thousandth of a dollar.
    private static let highestPrice = 0.1

    fileprivate mutating func price(_ member: YAMLMember) -> Double? {
        guard let price = number(member) else { return nil }
        if price > Self.highestPrice {
            warn(
                member.value.position,
                "'\(member.key.quotable)'\(place) is \(price) dollars for one token; for dollars per million, divide by "
                    + "1000000"
            )
        }
        return price
    }
}
