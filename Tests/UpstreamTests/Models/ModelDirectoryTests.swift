import NIOCore
import Testing

@testable import Upstream

@Suite("The models of a configuration")
struct ModelDirectoryTests {
    private func make(_ descriptions: DeploymentDescription..., numRetries: Int? = nil) -> (
        directory: ModelDirectory, problems: [ModelProblem]
    ) {
        ModelDirectory.make(
            descriptions,
            defaults: DeploymentDefaults(requestTimeout: .seconds(60), numRetries: numRetries),
            calls: Calls.table,
            environment: { _ in nil }
        )
    }

    private func description(_ name: String, model: String = "openai/gpt", base: String? = "http://h/v1")
        -> DeploymentDescription
    {
        DeploymentDescription(modelName: name, model: model, apiBase: base)
    }

    @Test("are grouped by name, in the order of their first mention")
    func groups() {
        let (directory, problems) = make(description("b"), description("a"), description("b", base: "http://other"))
        #expect(problems.isEmpty)
        #expect(directory.names == ["b", "a"])
        #expect(directory.group(named: "b")?.deployments.map(\.origin) == ["http://h", "http://other"])
        #expect(directory.group(named: "c") == nil)
    }

    @Test("are found by their names byte for byte: another spelling of the same letters is another name")
    func exactNames() {
        let (directory, _) = make(description("caf\u{E9}"), description("cafe\u{301}", base: "http://other"))
        #expect(directory.names.count == 2)
        #expect(directory.group(named: "caf\u{E9}")?.deployments.first?.origin == "http://h")
        #expect(directory.group(named: "cafe\u{301}")?.deployments.first?.origin == "http://other")
        #expect(directory.group(named: "cafe") == nil)
    }

    @Test(
        "are all checked at once: those with errors are left out, and those without a key stay with a warning"
    )
    func problems() {
        let (directory, problems) = make(
            description("a", model: "bogus/x", base: nil),
            description("b"),
            description("c", base: "nonsense"),
            description("d", model: "groq/x", base: nil)
        )
        #expect(problems.map(\.index) == [0, 2, 3])
        #expect(problems.map(\.severity) == [.disabled, .error, .warning])
        #expect(problems.map(\.member) == ["model", "api_base", "api_key"])
        #expect(problems.last?.description.contains("GROQ_API_KEY") == true)
        #expect(directory.names == ["b", "d"])
        #expect(directory.group(named: "d")?.deployments.first?.isUsable == false)
    }

    @Test("of a provider that is not supported are disabled with the reason, and the others serve")
    func disabled() {
        let (directory, problems) = make(
            description("claude", model: "anthropic/claude-3", base: nil),
            description("both", model: "opnai/gpt", base: nil),
            description("both")
        )
        #expect(problems.map(\.severity) == [.disabled, .disabled])
        #expect(directory.names == ["both"])
        let reason = directory.disabled.reason(for: "claude")
        #expect(reason?.hasPrefix("the provider 'anthropic' of model 'anthropic/claude-3' is not supported;") == true)
        #expect(directory.disabled.reason(for: "both")?.contains("did you mean 'openai'?") == true)
        #expect(directory.disabled.reason(for: "clau") == nil)
    }

    @Test("named by wildcards are disabled, and so is every name that they stand for")
    func wildcards() {
        let (directory, problems) = make(
            description("openai/*"),
            description("a", model: "openai/*", base: nil),
            description("x*y*z"),
            description("openai/exact", model: "bogus/x", base: nil)
        )
        #expect(problems.map(\.member) == ["model_name", "model", "model_name", "model"])
        #expect(problems.allSatisfy { $0.severity == .disabled })
        #expect(directory.groups.isEmpty)
        let wildcard = "wildcards such as 'openai/*' in model_name are not supported yet; name each model by itself"
        #expect(directory.disabled.reason(for: "openai/gpt-4o") == wildcard)
        #expect(directory.disabled.reason(for: "openai/") == wildcard)
        #expect(directory.disabled.reason(for: "openai/exact")?.contains("'bogus'") == true)
        #expect(directory.disabled.reason(for: "a")?.contains("in model are not supported yet") == true)
        #expect(directory.disabled.reason(for: "xz") != nil)
        #expect(directory.disabled.reason(for: "x-y-z") != nil)
        #expect(directory.disabled.reason(for: "xy") == nil)
        #expect(directory.disabled.reason(for: "openai") == nil)
    }

    @Test("take times, weights and retries from their entry, or else from the defaults")
    func settings() throws {
        var one = description("a")
        one.timeout = .seconds(5)
        one.weight = -3
        one.maxRetries = 4
        let (directory, _) = make(one, description("a", base: "http://i"))
        let group = try #require(directory.group(named: "a"))
        #expect(group.deployments.map(\.timeout) == [.seconds(5), .seconds(60)])
        #expect(group.deployments.map(\.streamTimeout) == [.seconds(5), .seconds(60)])
        #expect(group.deployments.map(\.weight) == [1, 1])
        #expect(group.totalTimeout == .seconds(60))
        #expect(group.numRetries == 4)
        #expect(make(description("a")).directory.groups[0].numRetries == 2)
        #expect(make(one, numRetries: 1).directory.groups[0].numRetries == 1)
    }

    @Test("have a fingerprint that depends on what determines their answers, and on nothing else")
    func fingerprint() {
        func fingerprint(_ change: (inout DeploymentDescription) -> Void) -> [UInt8] {
            var one = description("a")
            change(&one)
            return make(one).directory.groups[0].fingerprint
        }
        let plain = fingerprint { _ in }
        #expect(plain.count == 32)
        #expect(fingerprint { $0.apiKey = "k" } == plain)
        #expect(fingerprint { $0.weight = 7 } == plain)
        #expect(fingerprint { $0.timeout = .seconds(1) } == plain)
        #expect(fingerprint { $0.apiBase = "http://H:80/v1/" } == plain)
        let different = [
            fingerprint { $0.model = "openai/other" }, fingerprint { $0.apiBase = "http://h/v2" },
            fingerprint { $0.apiBase = "https://h/v1" }, fingerprint { $0.organization = "o" },
            fingerprint { $0.extraHeaders = [("a", "bc")] }, fingerprint { $0.extraHeaders = [("ab", "c")] },
            fingerprint { $0.mockResponse = .text("x") }, fingerprint { $0.mockResponse = .text("y") },
            fingerprint { $0.mockResponse = .json("x") }, plain,
        ]
        #expect(Set(different).count == different.count)
        let (one, two) = (description("a"), description("a", base: "http://i"))
        #expect(make(one, two).directory.groups[0].fingerprint == make(two, one).directory.groups[0].fingerprint)
        #expect(make(one, two).directory.groups[0].fingerprint != make(one, one).directory.groups[0].fingerprint)
    }

    @Test(
        "use SHA-256 as the standard has it",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ]
    )
    func digest(text: String, expected: String) {
        #expect(hexadecimal(Fingerprint.sha256(Array(text.utf8))) == expected)
    }
}
