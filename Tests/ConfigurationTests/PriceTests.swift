import Configuration
import Testing

@Suite("The prices of model_list")
struct PriceTests {
    private func prices(_ params: String, _ info: String = "{}") throws -> (PriceSettings?, [String]) {
        let outcome = try load(
            """
            model_list:
            - model_name: m
              litellm_params: {model: openai/m, \(params)}
              model_info: \(info)
            """
        )
        return (outcome.settings.models.first?.prices, outcome.messages)
    }

    @Test("stand in litellm_params or in model_info, and litellm_params wins, as with LiteLLM")
    func places() throws {
        let (prices, messages) = try prices(
            "input_cost_per_token: 0.000002, base_model: gpt-4o",
            "{input_cost_per_token: 9, output_cost_per_token: 0.000004, cache_read_input_token_cost: 0.0000005, mode: chat}"
        )
        #expect(prices?.input == 2e-6 && prices?.output == 4e-6 && prices?.cachedInput == 5e-7)
        #expect(prices?.baseModel == "gpt-4o")
        #expect(messages.filter { !$0.contains("for one token") } == [])
    }

    @Test(
        "are read as LiteLLM reads them: 1e-6 is text in YAML, and a number all the same",
        arguments: [("2.5e-6", 2.5e-6), ("1e-6", 1e-6), ("'0.000001'", 1e-6), ("0", 0), ("0.0", 0)]
    )
    func spellings(text: String, value: Double) throws {
        let (prices, messages) = try prices("input_cost_per_token: \(text)")
        #expect(prices?.input == value && messages.isEmpty)
    }

    @Test(
        "that are no numbers from 0 are errors with their position",
        arguments: ["-1", "free", ".inf", ".nan", "[1]"]
    )
    func wrong(text: String) throws {
        let (_, messages) = try prices("input_cost_per_token: \(text)")
        #expect(messages.count == 1)
        #expect(
            messages.first?.hasPrefix(
                "config.yaml:3:59: 'input_cost_per_token' in litellm_params must be a number from 0"
            )
                == true,
            "\(messages)"
        )
        let (_, second) = try prices("timeout: 1", "{output_cost_per_token: \(text)}")
        #expect(
            second.first?.hasPrefix("config.yaml:4:39: 'output_cost_per_token' in model_info must be a number from 0")
                == true,
            "\(second)"
        )
    }

    @Test("that are meant for a million tokens are noticed")
    func million() throws {
        let (prices, messages) = try prices("output_cost_per_token: 10")
        #expect(prices?.output == 10)
        #expect(
            messages == [
                "config.yaml:3:60: warning: 'output_cost_per_token' in litellm_params is 10.0 dollars for one token; "
                    + "for dollars per million, divide by 1000000"
            ]
        )
    }
}
