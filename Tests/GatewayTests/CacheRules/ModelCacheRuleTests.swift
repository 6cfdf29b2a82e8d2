import CallTypes
import Configuration
import Dialects
import JSON
import NIOCore
import Testing

@testable import Gateway
@testable import ResponseCache

@Suite("The cache's rule of a model")
struct ModelCacheRuleTests {
    private let calls = DialectTable.served.types

    private func call(_ name: String) throws -> CallType { try #require(calls.type(configuredAs: name)) }

    private func entry(_ name: String, temperature: Double? = nil, _ cache: ModelCacheSettings? = nil) -> ModelSettings
    {
        let parameters = temperature.map { [ConfigurationValue.Member(key: "temperature", value: .float($0))] } ?? []
        return ModelSettings(
            name: name,
            model: name,
            parameters: parameters,
            cache: cache,
            position: SourcePosition(file: "f")
        )
    }

    /// The detail with which a body is kept out of the cache.
    private func detail(
        _ body: String,
        _ call: String = "completion",
        temperature: Double? = nil,
        _ set: (inout ModelCacheSettings) -> Void
    ) throws -> String? {
        var settings = ModelCacheSettings()
        set(&settings)
        let rule = ModelCacheRule(settings, [entry("m", temperature: temperature)], calls, sharesEntries: false)
        let document = JSONDocument()
        try document.parse(ByteBuffer(string: body))
        return try rule.bypass(self.call(call), document, size: body.utf8.count).map { "\($0.detail)" }
    }

    @Test("keeps requests out whose temperature is greater, where it is not said by that of the deployment, else 1")
    func temperature() throws {
        func detail(_ body: String, _ call: String = "completion", configured: Double? = nil) throws -> String? {
            try self.detail(body, call, temperature: configured) { $0.conditions.maxTemperature = 0.5 }
        }
        #expect(try detail(#"{"temperature":0.5}"#) == nil)
        #expect(try detail(#"{"temperature":5e-1}"#) == nil)
        #expect(try detail(#"{"temperature":0.51}"#) == "temperature")
        #expect(try detail("{}") == "temperature")
        #expect(try detail(#"{"temperature":null}"#) == "temperature")
        #expect(try detail("{}", configured: 0.2) == nil)
        #expect(try detail(#"{"temperature":1}"#, configured: 0.2) == "temperature")
        #expect(try detail("{}", "responses") == "temperature")
        // These calls have none.
        #expect(try detail("{}", "embedding") == nil)
        #expect(try detail("{}", "rerank") == nil)
    }

    @Test("keeps requests out that offer tools, have more messages or more bytes, and all where it is off")
    func others() throws {
        for body in [#"{"tools":[{}]}"#, #"{"functions":[1]}"#] {
            #expect(try detail(body) { $0.conditions.noTools = true } == "tools")
            #expect(try detail(body) { $0.conditions.noTools = false } == nil)
        }
        #expect(try detail(#"{"tools":[],"functions":null}"#) { $0.conditions.noTools = true } == nil)
        #expect(try detail(#"{"messages":[1,2]}"#) { $0.conditions.maxMessages = 2 } == nil)
        #expect(try detail(#"{"messages":[1,2,3]}"#) { $0.conditions.maxMessages = 2 } == "messages")
        #expect(try detail(#"{"input":[1,2,3]}"#, "responses") { $0.conditions.maxMessages = 2 } == "messages")
        #expect(try detail(#"{"input":"1,2,3"}"#, "responses") { $0.conditions.maxMessages = 2 } == nil)
        // Inputs are not messages.
        #expect(try detail(#"{"input":[1,2,3]}"#, "embedding") { $0.conditions.maxMessages = 2 } == nil)
        #expect(try detail("{    }") { $0.conditions.maxBytes = 6 } == nil)
        #expect(try detail("{     }") { $0.conditions.maxBytes = 6 } == "bytes")
        #expect(try detail("{}") { $0.mode = .off } == "off")
        #expect(try detail("{}") { _ in } == nil)
    }

    @Test("leaves members out of the key, however they are written, and no others")
    func ignoredMembers() throws {
        var settings = ModelCacheSettings()
        settings.ignoredMembers = ["user", "ü"]
        let rule = ModelCacheRule(settings, [entry("m")], calls, sharesEntries: false)
        let material = try KeyMaterial(
            tenant: "t",
            namespace: nil,
            clientNamespace: nil,
            callType: "completion",
            modelGroup: "m",
            modelGroupFingerprint: [],
            keyedValues: []
        )
        func key(_ body: String) throws -> CacheKey {
            let document = JSONDocument()
            try document.parse(ByteBuffer(string: body))
            rule.leaveOut(of: document)
            return try CacheKeyBuilder().key(for: material, body: document)
        }
        let plain = try key(#"{"a":{"user":1}}"#)
        #expect(try key(#"{"user":"x","a":{"user":1}}"#) == plain)
        #expect(try key(#"{"a":{"user":1},"us\u0065r":{"y":[1]},"\u00fc":2}"#) == plain)
        #expect(try key(#"{"a":{"user":2}}"#) != plain)
        #expect(try key(#"{"a":{"user":1},"use":1}"#) != plain)
    }

    @Test("sets the mode and the time to live where the request does not say")
    func policy() throws {
        let policy = CachePolicy(timeToLive: 60_000, optIn: true)
        var rule = ModelCacheRule()
        var controls = CacheControls()
        #expect(try rule.use(policy, of: call("completion"), &controls).isBypassed)
        rule.isOptIn = false
        rule.timeToLive = 5_000
        #expect(try !rule.use(policy, of: call("completion"), &controls).isBypassed)
        #expect(controls.timeToLive == 5_000)
        controls.timeToLive = 1
        _ = try rule.use(policy, of: call("completion"), &controls)
        #expect(controls.timeToLive == 1)
    }

    @Test("is one for all entries of a name")
    func contradictions() {
        var (one, two) = (ModelCacheSettings(), ModelCacheSettings())
        one.ttl = 1
        two.ttl = 2
        #expect(ModelCacheRules.diagnostics([entry("a", one), entry("a"), entry("a", one), entry("b", two)]).isEmpty)
        let diagnostics = ModelCacheRules.diagnostics([entry("a", one), entry("a", two)])
        #expect(diagnostics.count == 1 && diagnostics[0].message.hasPrefix("'cache' of this entry of 'a' differs"))
    }
}
