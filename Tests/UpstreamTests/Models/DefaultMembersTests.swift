import CallTypes
import JSON
import NIOCore
import Testing

@testable import Upstream

@Suite("Members that a deployment adds to bodies")
struct DefaultMembersTests {
    private func description(
        _ parameters: [(String, String)],
        extraBody: [(String, String)] = []
    ) -> DeploymentDescription {
        DeploymentDescription(
            modelName: "m",
            model: "openai/gpt",
            parameters: parameters.map { .init(name: $0.0, json: $0.1) },
            extraBody: extraBody.map { .init(name: $0.0, json: $0.1) }
        )
    }

    private func added(
        _ parameters: [(String, String)],
        extraBody: [(String, String)] = [],
        to text: String,
        of call: CallType = Calls.chat
    ) throws -> String {
        let defaults = try #require(
            DefaultMembers(description(parameters, extraBody: extraBody), calls: Calls.table)
        )
        let body = RequestBody(ByteBuffer(string: text), modelLiteral: nil)
        var output = ByteBuffer()
        defaults.added(to: body, of: call, JSONDocument()).render(model: nil, into: &output)
        return String(buffer: output)
    }

    @Test("are none where the deployment has none, so that a body is not even read")
    func none() {
        #expect(DefaultMembers(description([]), calls: Calls.table) == nil)
    }

    @Test("are those that the body lacks, at its end, and every other byte stays")
    func missing() throws {
        let parameters = [("temperature", "0.5"), ("max_tokens", "10")]
        #expect(
            try added(parameters, to: #" {"model":"a", "temperature" : 1e0 } "#)
                == #" {"model":"a", "temperature" : 1e0 ,"max_tokens":10} "#
        )
        #expect(try added(parameters, to: #"{"model":"a"}"#) == #"{"model":"a","temperature":0.5,"max_tokens":10}"#)
    }

    @Test(
        "are not those that the client sets in other words: escaped, as null, or by a member that says the same",
        arguments: [#""t\u0065mperature":1"#, #""temperature":null"#]
    )
    func otherWords(member: String) throws {
        let body = #"{"model":"a",\#(member)}"#
        #expect(try added([("temperature", "0.5")], to: body) == body)
        let limited = #"{"model":"a","max_completion_tokens":1}"#
        #expect(try added([("max_tokens", "5")], to: limited) == limited)
        // A member of a member is another one.
        let inner = #"{"model":"a","x":{"temperature":1}}"#
        #expect(try added([("temperature", "0.5")], to: inner).hasSuffix(#","temperature":0.5}"#))
    }

    @Test(
        "are an object's first members where it has none, or none that the model is to see, and a model follows them",
        arguments: [
            ("{}", nil, #"{"temperature":1,"top_p":2}"#, #"{"temperature":1,"top_p":2}"#),
            ("{ }", false, #"{ "temperature":1,"top_p":2,"model":"M"}"#, #"{ "temperature":1,"top_p":2}"#),
            (#"{"c":1}"#, false, #"{"temperature":1,"top_p":2,"model":"M"}"#, #"{"temperature":1,"top_p":2}"#),
            (
                #"{"a":1}"#, true, #"{"a":1,"temperature":1,"top_p":2,"model":"M"}"#,
                #"{"a":1,"temperature":1,"top_p":2}"#
            ),
        ] as [(String, Bool?, String, String)]
    )
    func emptyObject(text: String, modelAfterMembers: Bool?, named: String, unnamed: String) throws {
        let parameters = [("temperature", "1"), ("top_p", "2")]
        let defaults = try #require(DefaultMembers(description(parameters), calls: Calls.table))
        var body = RequestBody(ByteBuffer(string: text), modelLiteral: nil)
        let end = text.utf8.count - 1
        if let modelAfterMembers { body.appendModel(at: end, afterMembers: modelAfterMembers) }
        if text.utf8.contains(UInt8(ascii: "c")) { body.replace(1..<end, with: ByteBuffer()) }
        body = defaults.added(to: body, of: Calls.chat, JSONDocument())
        for (model, expected) in [(Array(#""M""#.utf8), named), (nil, unnamed)] as [([UInt8]?, String)] {
            var output = ByteBuffer()
            body.render(model: model, into: &output)
            #expect(String(buffer: output) == expected)
            #expect(output.readableBytes == body.count(model: model))
            #expect(body.pieces(model: model).reduce(0) { $0 + $1.readableBytes } == output.readableBytes)
        }
    }

    @Test("are only those that the call has")
    func calls() throws {
        let parameters = [("temperature", "0.5"), ("dimensions", "64"), ("tools", "[]")]
        #expect(try added(parameters, to: #"{"input":""}"#, of: Calls.embeddings) == #"{"input":"","dimensions":64}"#)
        #expect(
            try added(parameters, to: #"{"prompt":""}"#, of: Calls.completions) == #"{"prompt":"","temperature":0.5}"#
        )
    }

    @Test("are the members of extra_body too, which take the place of parameters of the same name")
    func extraBody() throws {
        #expect(
            try added([("top_k", "1")], extraBody: [("top_k", "2"), ("a\"b", "{}")], to: #"{"model":"a"}"#)
                == #"{"model":"a","top_k":2,"a\"b":{}}"#
        )
    }

    @Test("leave a body alone that is no JSON object", arguments: ["", "[1]", "{", "--boundary\r\n"])
    func otherBodies(text: String) throws {
        #expect(try added([("temperature", "0.5")], to: text) == text)
    }

    @Test("are part of what identifies the deployment's answers")
    func fingerprint() {
        func fingerprint(_ parameters: [(String, String)], extraBody: [(String, String)] = []) -> [UInt8]? {
            var description = description(parameters, extraBody: extraBody)
            description.apiBase = "http://h"
            return ModelDirectory.make([description], calls: Calls.table, environment: { _ in nil })
                .directory.group(named: "m")?.fingerprint
        }
        let plain = fingerprint([])
        #expect(plain != fingerprint([("temperature", "0.5")]))
        #expect(fingerprint([("temperature", "1")]) != fingerprint([("temperature", "0.5")]))
        #expect(fingerprint([("top_k", "1")]) != fingerprint([], extraBody: [("top_k", "1")]))
        #expect(
            fingerprint([("temperature", "1"), ("top_k", "1")]) == fingerprint([("top_k", "1"), ("temperature", "1")])
        )
    }
}
