import CallTypes
import Dialects
import JSON
import NIOCore
import NIOPosix
import ResponseCache
import Testing

@testable import Gateway

/// An API family that nobody but this file knows: questions to an oracle, which says words. It has members, events, an
/// end and errors of its own.
private enum Oracle {
    static let dialect = Dialect(
        name: "Oracle",
        calls: [
            DialectCall(
                path: "/ask",
                definition: CallDefinition(name: "ask", configuredNames: ["ask", "aask"], upstreamPath: "/oracle/ask"),
                request: RequestForm(member: member, bypass: bypass),
                answer: AnswerForm(
                    check: AnswerCheck { body, document in words(of: body, document) == nil ? .failed : nil },
                    stream: StreamForm(read: read, answer: answer, events: events)
                )
            )
        ],
        errors: ErrorForm(body: fault, event: { "fault: \(fault($0))\n\n" }, read: { _, _ in nil }),
        keyedHeaders: [KeyedHeader("x-mood", isSet: true)],
        mount: "/delphi"
    )

    @Sendable private static func member(_ name: JSONText) -> RequestMember {
        if name.equals("model") { return .model }
        if name.equals("stream") { return .stream }
        if name.equals("label") { return .delivery }
        return .other
    }

    /// What is asked in secret is not cached.
    @Sendable private static func bypass(_ document: JSONDocument, _ allowance: CacheAllowance) -> CacheBypass? {
        let secret = document.root.flatMap { document.member("secret", of: $0) }.flatMap { document.bool($0) }
        return secret == true ? CacheBypass("secret") : nil
    }

    /// `{"words": ["…"]}`
    private static func words(of body: ByteBuffer, _ document: JSONDocument) -> [String]? {
        defer { document.reset() }
        guard (try? document.parse(body, forKey: false)) != nil, let root = document.root,
            let words = document.member("words", of: root)
        else { return nil }
        return document.elements(of: words).compactMap { document.string($0) }
    }

    /// An event has one word; the last one is `over`.
    @Sendable private static func read(
        _ event: ServerSentEvent,
        _ progress: inout StreamProgress,
        _ document: JSONDocument
    ) -> StreamEventKind {
        guard let data = event.data else { return .comment }
        guard data == ByteBuffer(string: "over") else {
            progress.notePart(ofChoice: 0, isLast: true)
            return .chunk
        }
        progress.noteDone()
        return .done
    }

    @Sendable private static func answer(_ recording: StreamRecording, _ document: JSONDocument) -> ByteBuffer? {
        var json = JSONWriter()
        json.object { json in
            json.member("words") { json in
                json.array { json in
                    for (event, raw) in recording.pieces where event.kind == .chunk {
                        json.string(String(String(buffer: raw).dropFirst("data: ".count).dropLast(2)))
                    }
                }
            }
        }
        return json.buffer
    }

    @Sendable private static func events(_ body: ByteBuffer, _: Bool, _ document: JSONDocument) -> ByteBuffer? {
        words(of: body, document).map { words in
            ByteBuffer(string: (words + ["over"]).map { "data: \($0)\n\n" }.joined())
        }
    }

    @Sendable private static func fault(_ error: ErrorReport) -> String {
        JSONWriter.object { json in json.member("fault") { $0.integer(error.status) } }
    }
}

/// All that a new API family needs is a value of its own: nothing in Sources knows this one.
@Suite("An API family that a test declares", .timeLimit(.minutes(2)))
struct OwnDialectTests {
    private let group = MultiThreadedEventLoopGroup.singleton

    /// The oracle says the number of the request.
    private func oracle() async throws -> ModelServer {
        try await ModelServer(name: "delphi", on: group) { request in
            request.body.contains(#""stream":true"#)
                ? .init(
                    contentType: "text/event-stream",
                    pieces: ["data: know\n\n", "data: thyself\n\ndata: over\n\n"]
                )
                : .init(pieces: [#"{"words":["know","thyself"]}"#])
        }
    }

    private func withGateway(_ body: (Serving, ModelServer) async throws -> Void) async throws {
        let oracle = try await oracle()
        let serving = try Serving([oracle], dialects: DialectTable([OpenAI.dialect, Oracle.dialect]))
        try await body(serving, oracle)
        try await serving.stop()
    }

    private func question(_ text: String, _ members: String = "") -> String {
        #"{"model":"m","q":"\#(text)"\#(members)}"#
    }

    @Test(
        "is cached, without the members that say only how an answer is delivered, by its own headers, under its mount too"
    )
    func cached() async throws {
        try await withGateway { serving, oracle in
            let first = try await serving.post("/v1/ask", question("who"))
            #expect(first.contains("cache-status: gateway; fwd=miss; stored") && first.hasSuffix(#""thyself"]}"#))
            #expect(oracle.requests.first?.path == "/v1/oracle/ask")
            #expect(oracle.requests.first?.body == #"{"model":"delphi","q":"who"}"#)
            let second = try await serving.post("/ask", question("who", #","label":"x""#))
            #expect(second.contains("cache-status: gateway; hit") && second.hasSuffix(#""thyself"]}"#))
            #expect(oracle.calls == 1)
            let other = try await serving.post("/v1/ask", question("who"), headers: "X-Mood: grim\r\n")
            #expect(other.contains("fwd=miss") && oracle.requests.last?.headers["x-mood"] == "grim")
            let moods = ["X-Mood: grim,sad\r\n", "X-Mood: sad\r\nX-Mood: grim, sad\r\n"]
            for (mood, status) in zip(moods, ["fwd=miss", "gateway; hit"]) {
                let answer = try await serving.post("/delphi/v1/ask", question("who"), headers: mood)
                #expect(answer.contains(status), "\(answer)")
            }
            _ = try await serving.post("/v1/ask", question("who", #","more":1"#))
            #expect(oracle.calls == 4)
            let chat = try await serving.ask("who")
            #expect(chat.contains("fwd=miss") && !chat.contains("stored"), "the oracle is no chat model: \(chat)")
        }
    }

    @Test("keeps out of the cache what it says cannot be cached")
    func uncacheable() async throws {
        try await withGateway { serving, oracle in
            for _ in 0..<2 {
                let answer = try await serving.post("/v1/ask", question("who", #","secret":true"#))
                #expect(answer.contains("cache-status: gateway; fwd=bypass; detail=secret\r\n"), "\(answer)")
            }
            #expect(oracle.calls == 2)
        }
    }

    @Test("has requests that are the same share one call", arguments: ["", #","stream":true"#])
    func coalesced(members: String) async throws {
        try await withGateway { serving, oracle in
            oracle.hold()
            async let one = serving.post("/v1/ask", question("who", members))
            try await until("the call of the leader") { oracle.calls == 1 }
            async let other = serving.post("/v1/ask", question("who", members))
            async let third = serving.post("/v1/ask", question("who"))
            try await until("all three in one flight") { serving.gateway.current.flights.readers == 3 }
            oracle.release()
            let answers = try await [one, other, third]
            #expect(oracle.calls == 1)
            #expect(answers.filter { $0.contains("; collapsed") }.count == 2, "\(answers)")
            #expect(answers[2].hasSuffix(#"{"words":["know","thyself"]}"#))
        }
    }

    @Test("is streamed event by event, and its recorded stream serves both forms")
    func streamed() async throws {
        try await withGateway { serving, oracle in
            oracle.hold()
            let answer = try await serving.post("/v1/ask", question("who", #","stream":true"#)) { text in
                // The rest is sent once the first event has arrived.
                if text.contains("data: know") { oracle.release() }
            }
            #expect(answer.contains("data: thyself\n\n") && answer.contains("data: over\n\n"))
            let events = try await serving.post("/v1/ask", question("who", #","stream":true"#))
            #expect(
                events.contains("gateway; hit") && events.hasSuffix("data: know\n\ndata: thyself\n\ndata: over\n\n")
            )
            let whole = try await serving.post("/v1/ask", question("who"))
            #expect(whole.contains("gateway; hit") && whole.contains("content-type: application/json"))
            #expect(whole.hasSuffix(#"{"words":["know","thyself"]}"#))
            #expect(oracle.calls == 1)
        }
    }

    @Test("has an answer in one piece served as a stream")
    func converted() async throws {
        try await withGateway { serving, oracle in
            _ = try await serving.post("/v1/ask", question("who"))
            let events = try await serving.post("/v1/ask", question("who", #","stream":true"#))
            #expect(events.contains("gateway; hit") && events.contains("content-type: text/event-stream"))
            #expect(events.hasSuffix("data: know\n\ndata: thyself\n\ndata: over\n\n"))
            #expect(oracle.calls == 1)
        }
    }

    @Test("reports errors in its own form, is among the paths that are served, and may be named in the configuration")
    func errors() async throws {
        try await withGateway { serving, oracle in
            let missing = try await serving.post("/v1/ask", #"{"q":"who"}"#)
            #expect(missing.hasPrefix("HTTP/1.1 400 ") && missing.hasSuffix(#"{"fault":400}"#))
            let lost = try await serving.post("/tell", "{}")
            #expect(
                lost.contains("/v1/moderations, /v1/ask, /v1/models")
                    && lost.contains(#"{"error":{"message""#)
            )
            #expect(DialectTable([Oracle.dialect]).types.type(configuredAs: "aask") != nil)
        }
    }
}
