import CallTypes
import HTTPSyntax
import NIOCore
import Testing
import Text

@testable import Upstream

@Suite("The request to an upstream")
struct PreparedRequestTests {
    private func prepared(
        model: String = "openai/gpt",
        base: String? = "http://h/v1",
        key: String? = "k",
        organization: String? = nil,
        extra: [(name: String, value: String)] = []
    ) throws(EndpointProblem) -> PreparedRequest {
        let description = DeploymentDescription(
            modelName: "m",
            model: model,
            apiBase: base,
            apiKey: key,
            organization: organization,
            extraHeaders: extra
        )
        return try PreparedRequest(
            try Endpoint(description, environment: { _ in nil }),
            description: description,
            calls: Calls.table
        )
    }

    private func render(
        _ prepared: PreparedRequest,
        headers: [(String, String)] = [],
        starValues: [String]? = nil
    ) -> String {
        let request = UpstreamRequest(
            callType: Calls.embeddings,
            body: RequestBody(ByteBuffer(string: "{}"), modelLiteral: nil),
            headers: ForwardedFields(headers)
        )
        var head = WireText(capacity: 64)
        return String(
            buffer: prepared.render(
                request,
                model: prepared.modelLiteral(filledWith: starValues),
                starValues: starValues,
                proxy: nil,
                head: &head,
                allocator: ByteBufferAllocator()
            )
        )
    }

    @Test("has the type of a form that the client states, unless the configuration sets it")
    func form() throws {
        let call = try #require(Calls.table.type(configuredAs: "transcription"))
        for (extra, expected) in [([], "multipart/form-data; boundary=B"), ([("Content-Type", "x/y")], "x/y")] {
            var request = UpstreamRequest(
                callType: call,
                body: RequestBody(ByteBuffer(string: "--B--"), modelLiteral: nil)
            )
            request.contentType = Array("multipart/form-data; boundary=B".utf8)
            var head = WireText(capacity: 64)
            let prepared = try prepared(organization: nil, extra: extra)
            let text = String(
                buffer: prepared.render(
                    request,
                    model: nil,
                    proxy: nil,
                    head: &head,
                    allocator: ByteBufferAllocator()
                )
            )
            #expect(text.contains("/audio/transcriptions HTTP/1.1\r\n"))
            #expect(text.ranges(of: "content-type").count == 1 && text.contains("content-type: \(expected)\r\n"))
            #expect(text.hasSuffix("content-length: 5\r\n\r\n--B--"))
        }
    }

    @Test("has the organization and the fields that the configuration adds; those replace ours")
    func extra() throws {
        let text = render(
            try prepared(organization: "org", extra: [("X-Team", "a"), ("Authorization", "Custom c")]),
            headers: [("x-team", "spoofed"), ("openai-organization", "spoofed"), ("x-client", "1")]
        )
        #expect(
            text == "POST /v1/embeddings HTTP/1.1\r\nhost: h\r\ncontent-type: application/json\r\n"
                + "openai-organization: org\r\nx-team: a\r\nauthorization: Custom c\r\nx-client: 1\r\n"
                + "content-length: 2\r\n\r\n{}"
        )
    }

    @Test("has azure's key in its own field, and the body's model as it was")
    func azure() throws {
        let prepared = try prepared(model: "azure/g", base: "https://h")
        #expect(render(prepared).contains("\r\napi-key: k\r\n"))
        #expect(prepared.modelLiteral(filledWith: nil) == nil)
    }

    @Test(
        "never has what would break out of a field",
        arguments: [
            ("a", "b\r\nx: y"), ("a", "b\nx: y"), ("a", "b\0"), ("a\r\nb", "c"), ("", "c"), ("a:b", "c"), ("a b", "c"),
            ("é", "c"), ("host", "evil"), ("Host", "evil"), ("content-length", "0"), ("Transfer-Encoding", "chunked"),
            ("connection", "close"), ("proxy-authorization", "x"), ("authorization", "x"), ("Cookie", "x"),
            ("x-api-key", "x"), ("api-key", "x"), ("expect", "100-continue"), ("te", "x"), ("upgrade", "x"),
        ]
    )
    func injection(name: String, value: String) throws {
        #expect(render(try prepared(key: nil), headers: [(name, value)]) == render(try prepared(key: nil)))
    }

    @Test(
        "is refused at configuration if a value would break out of its field, without showing it",
        arguments: [
            (nil, "se\r\ncret", nil, "api_key"), (nil, nil, "se\ncret", "organization"),
            ("se\0cret", nil, nil, "extra_headers"),
        ] as [(String?, String?, String?, String)]
    )
    func refused(extra: String?, key: String?, organization: String?, member: String) {
        let problem = #expect(throws: EndpointProblem.self) {
            try prepared(key: key, organization: organization, extra: extra.map { [("x-a", $0)] } ?? [])
        }
        #expect(problem?.member == member)
        #expect(problem?.description.contains("cret") == false)
    }

    @Test("cannot be given fields of the connection", arguments: ["Host", "content-length", "bad name", ""])
    func refusedNames(name: String) {
        #expect(throws: EndpointProblem.self) { try prepared(extra: [(name, "v")]) }
    }

    @Test("has what the stars of the model's name stand for, in the body or, for azure, in the path")
    func stars() throws {
        let prepared = try prepared(model: "openai/ft:*")
        #expect(
            prepared.modelLiteral(filledWith: [#"a"b"#]).map { String(decoding: $0, as: UTF8.self) } == #""ft:a\"b""#
        )
        #expect(prepared.takes(["../?"]))
        let azure = try self.prepared(model: "azure/*", base: "https://h")
        let text = render(azure, starValues: ["gpt-4o"])
        #expect(text.hasPrefix("POST /openai/deployments/gpt-4o/embeddings?api-version=2024-10-21 HTTP/1.1\r\n"))
        #expect(text.contains("\r\nhost: h\r\n"))
        #expect(azure.modelLiteral(filledWith: ["gpt-4o"]) == nil)
        #expect(azure.takes(["gpt-4o"]) && !azure.takes([".."]) && !azure.takes(["a/b"]) && !azure.takes([""]))
    }

    @Test(
        "states the length of a body that is passed on, as far as it is known, and of none where there is no body",
        arguments: [
            ("POST", "ab", nil, "content-length: 2\r\n\r\nab"), ("POST", "", nil, "content-length: 0\r\n\r\n"),
            ("GET", "", nil, "\r\n"), ("DELETE", "ab", nil, "content-length: 2\r\n\r\nab"),
            ("POST", "ab", BodyRest(length: 5), "content-length: 7\r\n\r\n"),
            ("PUT", "ab", BodyRest(length: nil), "transfer-encoding: chunked\r\n\r\n"),
        ] as [(String, String, BodyRest?, String)]
    )
    func passedOn(method: String, body: String, rest: BodyRest?, end: String) throws {
        let target = PassThroughTarget(method: method, path: "/files", query: "", contentType: nil, rest: rest)
        let request = UpstreamRequest(
            passThrough: target,
            id: nil,
            body: RequestBody(ByteBuffer(string: body), modelLiteral: nil),
            headers: ForwardedFields([])
        )
        var head = WireText(capacity: 64)
        let bytes = try prepared()
            .render(request, model: nil, proxy: nil, head: &head, allocator: ByteBufferAllocator())
        #expect(String(buffer: bytes) == "\(method) /v1/files HTTP/1.1\r\nhost: h\r\nauthorization: Bearer k\r\n" + end)
    }

    @Test("names the model as JSON")
    func model() throws {
        let prepared = try prepared(model: #"openai/a"b\c"#)
        #expect(prepared.modelLiteral(filledWith: nil).map { String(decoding: $0, as: UTF8.self) } == #""a\"b\\c""#)
    }
}
