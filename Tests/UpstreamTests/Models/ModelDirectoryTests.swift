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

    @Test("are found however many there are, with their aliases", arguments: [1, 7, 8, 9, 30])
    func numbers(count: Int) {
        let (directory, _) = ModelDirectory.make(
            (0..<count).map { description("model-\($0)", base: "http://h\($0)/v1") },
            aliases: [
                ModelAlias(name: "other", model: "model-0", isHidden: false),
                ModelAlias(name: "model-0", model: "model-\(count - 1)", isHidden: false),
            ],
            calls: Calls.table,
            environment: { _ in nil }
        )
        for number in 0..<count {
            #expect(directory.group(named: "model-\(number)")?.deployments.first?.origin == "http://h\(number)")
        }
        #expect(directory.group(named: "other")?.name == "model-0")
        #expect(directory.group(named: "model-\(count)") == nil && directory.group(named: "model") == nil)
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
            description("claude", model: "bedrock/claude-3", base: nil),
            description("both", model: "opnai/gpt", base: nil),
            description("both")
        )
        #expect(problems.map(\.severity) == [.disabled, .disabled])
        #expect(directory.names == ["both"])
        let reason = directory.disabled.reason(for: "claude")
        #expect(reason?.hasPrefix("the provider 'bedrock' of model 'bedrock/claude-3' is not supported;") == true)
        #expect(directory.disabled.reason(for: "both")?.contains("did you mean 'openai'?") == true)
        #expect(directory.disabled.reason(for: "clau") == nil)
    }

    @Test("whose names have stars serve every name that they cover, the most specific pattern first")
    func patterns() throws {
        let (directory, problems) = make(
            description("*", base: "http://any"),
            description("openai/*", model: "openai/*", base: "http://openai"),
            description("openai/gpt-4*", model: "openai/gpt-4*", base: "http://four"),
            description("openai/gpt-4o", base: "http://exact")
        )
        #expect(problems.isEmpty)
        #expect(directory.names == ["*", "openai/*", "openai/gpt-4*", "openai/gpt-4o"])
        func origin(_ name: String) -> String? { directory.group(named: name)?.deployments.first?.origin }
        #expect(origin("openai/gpt-4o") == "http://exact")
        #expect(origin("openai/gpt-4-turbo") == "http://four")
        #expect(origin("openai/o3") == "http://openai")
        #expect(origin("mistral") == "http://any")
        #expect(origin("a\u{7}b") == nil)
        let one = try #require(directory.group(named: "openai/o3"))
        let other = try #require(directory.group(named: "openai/o1"))
        #expect(one.name == "openai/o3" && one.configuredName == "openai/*")
        #expect(one.starValues == ["o3"] && one.isMadeForName)
        // The deployments, with their health and their limits, are shared; nothing is kept of the names.
        #expect(one.deployments[0] === other.deployments[0])
        #expect(one.position == other.position)
        #expect(directory.groups.count == 4)
    }

    @Test("whose names have stars refuse a name that would change the meaning of a URL, or that names no model")
    func patternsOfAzure() throws {
        let (directory, _) = make(
            DeploymentDescription(modelName: "azure/*", model: "azure/*", apiBase: "http://a", apiKey: "k"),
            description("o-*", model: "openai/*")
        )
        #expect(directory.group(named: "azure/gpt-4.1_mini") != nil)
        for name in ["azure/..", "azure/a/b", "azure/a?x=1", "azure/%2e", "azure/", "azure/a b", "o-"] {
            #expect(directory.group(named: name) == nil, "\(name)")
        }
        #expect(directory.group(named: "o-../x?y") != nil)
    }

    @Test("have a fingerprint that the pattern is a part of, since the model depends on it")
    func patternFingerprints() throws {
        func fingerprint(_ pattern: String, _ name: String) throws -> [UInt8] {
            try #require(make(description(pattern, model: "openai/*")).directory.group(named: name)).fingerprint
        }
        #expect(try fingerprint("a-*", "a-b") != fingerprint("a*", "a-b"))
        #expect(try fingerprint("a-*", "a-b") == fingerprint("a-*", "a-b"))
    }

    @Test("of a provider that is not supported stay disabled where a less specific pattern covers them")
    func disabledPatterns() {
        let (directory, problems) = make(
            description("bedrock/*", model: "bedrock/*", base: nil),
            description("exact", model: "bedrock/x", base: nil),
            description("a", model: "openai/*"),
            description("x*y*z"),
            description("*")
        )
        #expect(problems.map(\.member) == ["model", "model", "model"])
        #expect(problems.allSatisfy { $0.severity == .disabled })
        #expect(directory.names == ["x*y*z", "*"])
        for name in ["bedrock/claude", "bedrock/", "exact", "a"] {
            #expect(directory.group(named: name) == nil)
            #expect(directory.disabled.reason(for: name) != nil)
        }
        #expect(directory.disabled.reason(for: "a")?.contains("not as many stars") == true)
        #expect(directory.disabled.reason(for: "bedrock") == nil)
        #expect(directory.group(named: "bedrock")?.configuredName == "*")
        #expect(directory.group(named: "x-y-z")?.starValues == ["-", "-"])
    }

    @Test("for any provider have an entry for each one that the environment knows")
    func anyProvider() throws {
        let environment = ["OPENAI_API_KEY": "o", "GROQ_API_KEY": "g", "OLLAMA_API_BASE": "http://o:1"]
        let (directory, problems) = ModelDirectory.make(
            [
                DeploymentDescription(modelName: "*", model: "*"),
                DeploymentDescription(modelName: "openai/*", model: "openai/*", apiBase: "http://own", apiKey: "k"),
            ],
            calls: Calls.table,
            environment: { environment[$0] }
        )
        #expect(problems.isEmpty)
        func origin(_ name: String) -> String? { directory.group(named: name)?.deployments.first?.origin }
        #expect(origin("gpt-4o") == "https://api.openai.com")
        #expect(origin("openai/gpt-4o") == "http://own")
        #expect(origin("groq/llama") == "https://api.groq.com")
        #expect(directory.group(named: "groq/llama")?.starValues == ["llama"])
        #expect(origin("ollama/llama") == "http://o:1")
        #expect(!directory.names.contains("xai/*"))
    }

    @Test("are found by their aliases too, which may hide, stand for a covered name, and replace no model")
    func aliases() throws {
        let (directory, _) = ModelDirectory.make(
            [description("a", base: "http://a"), description("p/*", model: "openai/*", base: "http://p")],
            aliases: [
                ModelAlias(name: "one", model: "a"), ModelAlias(name: "two", model: "p/x", isHidden: true),
                ModelAlias(name: "a", model: "p/y"), ModelAlias(name: "lost", model: "nobody"),
            ],
            calls: Calls.table,
            environment: { _ in nil }
        )
        #expect(directory.names == ["a", "p/*", "one"])
        #expect(directory.group(named: "one") === directory.group(named: "a"))
        #expect(directory.group(named: "two")?.name == "p/x")
        #expect(directory.group(named: "a")?.deployments.first?.origin == "http://a")
        #expect(directory.group(named: "lost") == nil)
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
