import NIOCore
import Testing

@testable import Upstream

@Suite("What is asked in place of a model")
struct FallbackStateTests {
    private let directory = ModelDirectory.make(
        ["a", "b", "c"].map { DeploymentDescription(modelName: $0, model: "openai/\($0)", apiBase: "http://\($0)") },
        calls: Calls.table,
        environment: { _ in nil }
    ).directory

    private func state(onFailure: [String] = [], onContextWindow: [String] = []) -> FallbackState {
        FallbackState(
            Fallbacks(
                onFailure: onFailure.compactMap(directory.group(named:)),
                onContextWindow: onContextWindow.compactMap(directory.group(named:))
            )
        )
    }

    private func asked(_ verdict: FallbackState.Verdict) -> String? {
        if case .ask(let group) = verdict { group.name } else { nil }
    }

    @Test(
        "is each fallback once, in order, for answers that are no fault of the request's",
        arguments: [429, 503, 401, 404]
    )
    func failures(status: Int) {
        var state = state(onFailure: ["b", "c"])
        #expect(asked(state.headArrived(status: status)) == "b")
        #expect(asked(state.headArrived(status: 500)) == "c")
        guard case .deliver = state.headArrived(status: status) else { return #expect(Bool(false)) }
    }

    @Test("is nothing for a success, and for an answer about the request", arguments: [200, 400, 422])
    func delivered(status: Int) {
        var state = state(onFailure: ["b"])
        guard case .deliver = state.headArrived(status: status) else { return #expect(Bool(false)) }
    }

    @Test("is the next fallback where there is no answer, unless the gateway stops")
    func errors() {
        var state = state(onFailure: ["b"])
        #expect(state.failed(UpstreamError(.shutDown, "")) == nil)
        #expect(state.failed(UpstreamError(.overloaded, ""))?.name == "b")
        #expect(state.failed(UpstreamError(.connectFailed, "")) == nil)
    }

    @Test("is a fallback of its own where the request has too many tokens, which the body of the answer says")
    func contextWindow() {
        var state = state(onFailure: ["b"], onContextWindow: ["c"])
        guard case .hold = state.headArrived(status: 400) else { return #expect(Bool(false)) }
        #expect(state.bodyArrived(ByteBuffer(string: #"{"error":{"code":"invalid_value"}}"#)) == nil)
        #expect(state.bodyArrived(ByteBuffer(string: #"{"error":{"code":"context_length_exceeded"}}"#))?.name == "c")
        guard case .deliver = state.headArrived(status: 400) else { return #expect(Bool(false)) }
    }

    @Test(
        "recognises what providers say of too many tokens",
        arguments: [
            (#"{"error":{"message":"This model's Maximum Context Length is 8192 tokens."}}"#, true),
            (#"{"message":"prompt is too long: 300000 tokens > 200000 maximum"}"#, true),
            (#"{"error":{"message":"Invalid value: 'tools[0]'."}}"#, false), ("", false), ("prompt is too lon", false),
        ]
    )
    func signs(body: String, isExceeded: Bool) {
        #expect(ContextWindow.isExceeded(accordingTo: ByteBuffer(string: body)) == isExceeded)
    }
}

@Suite("The fallbacks of a configuration")
struct FallbackTableTests {
    private func fallbacks(of name: String, _ rules: FallbackRules) -> Fallbacks? {
        let directory = ModelDirectory.make(
            ["a", "b", "c", "p/*"].map { DeploymentDescription(modelName: $0, model: "openai/x", apiBase: "http://h") },
            aliases: [ModelAlias(name: "alias", model: "a")],
            fallbacks: rules,
            calls: Calls.table,
            environment: { _ in nil }
        ).directory
        return directory.group(named: name).flatMap(directory.fallbacks(of:))
    }

    @Test("are those of a model's name, of its alias, or of the pattern that covers it")
    func names() {
        let rules = FallbackRules(onFailure: [("alias", ["b", "p/x"]), ("p/*", ["c"]), ("p/own", ["a"])])
        #expect(fallbacks(of: "a", rules)?.onFailure.map(\.name) == ["b", "p/x"])
        #expect(fallbacks(of: "alias", rules)?.onFailure.map(\.name) == ["b", "p/x"])
        #expect(fallbacks(of: "p/any", rules)?.onFailure.map(\.name) == ["c"])
        #expect(fallbacks(of: "p/own", rules)?.onFailure.map(\.name) == ["a"])
        #expect(fallbacks(of: "b", rules) == nil)
        #expect(fallbacks(of: "a", FallbackRules()) == nil)
    }

    @Test("are the default ones for a model without its own, except the model itself")
    func defaults() {
        let rules = FallbackRules(onFailure: [("a", ["c"])], onContextWindow: [("b", ["a"])], byDefault: ["b", "c"])
        #expect(fallbacks(of: "a", rules)?.onFailure.map(\.name) == ["c"])
        #expect(fallbacks(of: "b", rules)?.onFailure.map(\.name) == ["c"])
        #expect(fallbacks(of: "b", rules)?.onContextWindow.map(\.name) == ["a"])
        #expect(fallbacks(of: "p/x", rules)?.onFailure.map(\.name) == ["b", "c"])
    }
}
