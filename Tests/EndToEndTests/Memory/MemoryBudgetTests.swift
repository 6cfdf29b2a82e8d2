import NIOCore
import Testing

/// How much memory unauthenticated clients, models and slow clients may make the gateway hold.
extension OneAtATime {
    @Suite("The memory budget, seen from outside", .timeLimit(.minutes(5)))
    struct MemoryBudgetTests {
        /// The least limit.
        private static let limit = ["--memory-limit", "32MB"]
        /// How many megabytes the gateway may grow by: the budget, and what a gateway needs besides.
        private static let most = 32.0 + 64

        private static let comments = ByteBuffer(
            string: String(repeating: ": a comment, as some servers send\n\n", count: 1_800)
        )

        private static func chat(_ question: String, _ members: String = "") -> String {
            GatewayProcess.request(
                "POST",
                "/v1/chat/completions",
                #"{"model":"gpt-3.5-turbo","messages":[{"role":"user","content":"\#(question)"}]\#(members)}"#
            )
        }

        private func holdsNothing(_ gateway: GatewayProcess) async throws {
            try await eventually("nothing is held any more") { try await gateway.heldBytes() == 0 }
        }

        @Test("An error of 200 MB in chunks passes through without being kept")
        func largeError() async throws {
            try await withGateway(arguments: Self.limit) { gateway, upstream async throws in
                let piece = ByteBuffer(repeating: UInt8(ascii: "e"), count: 64 * 1024)
                upstream.answer(with: Answer(status: 400, body: .repeated(piece, times: 3_200)))
                let grown = try await gateway.growth {
                    let sink = try await ByteSink.open(port: gateway.port)
                    try await sink.send(Self.chat("an error"))
                    _ = try await sink.received.first { $0.count >= 200 * 1024 * 1024 }
                    #expect(sink.received.value.start.hasPrefix("HTTP/1.1 400 "))
                }
                #expect(grown < Self.most, "\(grown) MB")
                try await holdsNothing(gateway)
            }
        }

        @Test("A stream of 200 MB of comments passes through without being kept")
        func comments() async throws {
            try await withGateway(arguments: Self.limit) { gateway, upstream async throws in
                let events = [("content-type", "text/event-stream")]
                upstream.answer(with: Answer(headers: events, body: .repeated(Self.comments, times: 3_400)))
                let grown = try await gateway.growth {
                    let sink = try await ByteSink.open(port: gateway.port)
                    try await sink.send(Self.chat("comments", #","stream":true"#))
                    _ = try await sink.received.first { $0.count >= 200 * 1024 * 1024 }
                }
                #expect(grown < Self.most, "\(grown) MB")
                try await holdsNothing(gateway)
            }
        }

        @Test("A hundred endless streams that nobody reads take no more than the budget")
        func unreadStreams() async throws {
            try await withGateway(arguments: Self.limit) { gateway, upstream async throws in
                let text = String(repeating: "x", count: 60_000)
                let chunk = ByteBuffer(string: "data: \(Answer.chunk(#"{"content":"\#(text)"}"#))\n\n")
                let events = [("content-type", "text/event-stream")]
                upstream.answer { request, _ in
                    guard !request.text.contains("quick") else { return .chatStream(["quick"]) }
                    return Answer(headers: events, body: .repeated(chunk, times: .max))
                }
                var unread: [ByteSink] = []
                let grown = try await gateway.growth {
                    for number in 0..<100 {
                        let sink = try await ByteSink.open(port: gateway.port, reads: false)
                        try await sink.send(Self.chat("endless \(number)", #","stream":true"#))
                        unread.append(sink)
                    }
                    try await upstream.arrival(of: 100)
                    try await Task.sleep(for: .seconds(3))
                    // A client that reads is served as before.
                    #expect(try await gateway.stream("quick").streamedContent == "quick")
                }
                #expect(grown < Self.most, "\(grown) MB")
                for sink in unread { sink.close() }
                try await holdsNothing(gateway)
            }
        }

        @Test(
            "Bodies that are announced and never sent are refused with 503 once the budget is used up, before they are read"
        )
        func announcedBodies() async throws {
            try await withGateway(arguments: Self.limit) { gateway, upstream async throws in
                var open: [ByteSink] = []
                let grown = try await gateway.growth {
                    var refused = 0
                    for _ in 0..<12 {
                        let sink = try await ByteSink.open(port: gateway.port)
                        open.append(sink)
                        // Two of these do not fit.
                        try await sink.send(
                            "POST /v1/chat/completions HTTP/1.1\r\nHost: gateway\r\nContent-Length: 20000000\r\n\r\n{"
                        )
                        if open.count == 1 {
                            try await eventually("the body is expected") { try await gateway.heldBytes() >= 20_000_000 }
                            continue
                        }
                        let answer = try await sink.start().lowercased()
                        #expect(
                            answer.hasPrefix("http/1.1 503 ") && answer.contains("\r\nretry-after: 1\r\n"),
                            "\(answer)"
                        )
                        #expect(answer.contains("memory_limit_reached"))
                        refused += 1
                    }
                    #expect(refused == 11)
                    #expect(try await gateway.logged(#/answered with 503: The gateway holds as many/#))
                    let lines = gateway.log.split(separator: "\n").filter { $0.contains("answered with 503") }
                    #expect(lines.count == 1, "refusals are told in one line a minute: \(lines)")
                    // A request that needs hardly any memory is answered.
                    #expect(try await gateway.chat("small").status == 200)
                }
                #expect(grown < Self.most, "\(grown) MB")
                for sink in open { sink.close() }
                try await holdsNothing(gateway)
                #expect(upstream.calls == 1)
            }
        }

        @Test("Bodies in chunks are counted as they come")
        func chunkedBodies() async throws {
            try await withGateway(arguments: Self.limit) { gateway, _ async throws in
                let piece = ByteBuffer(string: "10000\r\n" + String(repeating: "x", count: 65_536) + "\r\n")
                var open: [ByteSink] = []
                let grown = try await gateway.growth {
                    for _ in 0..<4 {
                        let sink = try await ByteSink.open(port: gateway.port)
                        open.append(sink)
                        try await sink.send(
                            "POST /v1/chat/completions HTTP/1.1\r\nHost: gateway\r\nTransfer-Encoding: chunked\r\n\r\n"
                        )
                        // This sends 20 MB, without an end.
                        await sink.sendWhilePossible(piece, times: 320)
                    }
                    for sink in open[1...] { #expect(try await sink.start().hasPrefix("HTTP/1.1 503 ")) }
                    #expect(open[0].received.value.count == 0)
                }
                #expect(grown < Self.most, "\(grown) MB")
                for sink in open { sink.close() }
                try await holdsNothing(gateway)
            }
        }

        @Test("Nothing is collected of a body whose sender has no key")
        func withoutKey() async throws {
            try await withGateway(Configurations.authenticated, arguments: Self.limit) { gateway, _ async throws in
                let key = ["Authorization": "Bearer sk-master"]
                var open: [ByteSink] = []
                for framing in ["Content-Length: 20000000", "Transfer-Encoding: chunked"] {
                    let sink = try await ByteSink.open(port: gateway.port)
                    try await sink.send("POST /v1/chat/completions HTTP/1.1\r\nHost: gateway\r\n\(framing)\r\n\r\n")
                    #expect(try await sink.start().hasPrefix("HTTP/1.1 401 "))
                    #expect(try await gateway.heldBytes(headers: key) == 0)
                    open.append(sink)
                }
                // A client without a key does not learn how much there is.
                #expect(try await gateway.get("/health").status == 401)
            }
        }

        @Test("An answer that cannot be recorded for want of memory is relayed whole, and not stored")
        func relayedWithoutRecording() async throws {
            try await withGateway(Configurations.cached("type: local\nmax_entry_size: 64MB"), arguments: Self.limit) {
                gateway,
                upstream async throws in
                let long = String(repeating: "long ", count: 7_000_000)
                upstream.answer { request, number in
                    request.json["stream"].bool == true
                        ? .chatStream(["\(number) ", long]) : .chat("\(number) " + long)
                }
                for form in ["", #","stream":true"#] {
                    let first = try await ByteSink.open(port: gateway.port)
                    let calls = upstream.calls
                    try await first.send(Self.chat("long", form))
                    _ = try await first.received.first { $0.count > long.utf8.count }
                    try await holdsNothing(gateway)
                    let second = try await ByteSink.open(port: gateway.port)
                    try await second.send(Self.chat("long", form))
                    _ = try await second.received.first { $0.count > long.utf8.count }
                    #expect(upstream.calls == calls + 2, "it was not stored")
                    try await holdsNothing(gateway)
                }
            }
        }

        @Test(
            "Large hits that nobody reads are refused once the budget is used up, and given back when their readers go"
        )
        func unreadHits() async throws {
            try await withGateway(
                Configurations.cached("type: local\nmax_item_size: 8MB"),
                arguments: Self.limit
            ) { gateway, upstream async throws in
                upstream.answer(with: .chat(String(repeating: "hit ", count: 1_500_000)))
                #expect(try await gateway.chat("large").status == 200)
                try await eventually("it is cached") { try await gateway.chat("large").isHit }
                var unread: [ByteSink] = []
                let grown = try await gateway.growth {
                    for _ in 0..<30 {
                        let sink = try await ByteSink.open(port: gateway.port, reads: false)
                        try await sink.send(Self.chat("large"))
                        unread.append(sink)
                    }
                    try await eventually("the budget is used up") {
                        try await gateway.chat("large").status == 503
                    }
                }
                #expect(grown < Self.most, "\(grown) MB")
                #expect(upstream.calls == 1)
                for sink in unread { sink.close() }
                try await holdsNothing(gateway)
                #expect(try await gateway.chat("large").isHit)
            }
        }

        @Test("After clients that hang up, models that break off and answers of every kind nothing is held")
        func nothingLeaks() async throws {
            // Calls that go on without their clients would hold memory that the test needs.
            try await withGateway(Configurations.cached("type: local\non_disconnect: cancel"), arguments: Self.limit) {
                gateway,
                upstream async throws in
                upstream.answer { request, number in
                    if request.uri.hasSuffix("embeddings") { return Answer.standard(request, number) }
                    switch number % 5 {
                    case 0: return Answer(body: .hangUp)
                    case 1: return Answer(status: 400, body: .bytes(Array(repeating: 0x65, count: 300_000)))
                    case 2: return .chatStream(Array(repeating: "word", count: 3_000))
                    case 3: return Answer(body: .silence)
                    default: return .chat(String(repeating: "z", count: 200_000))
                    }
                }
                var sinks: [ByteSink] = []
                for round in 0..<120 {
                    let sink = try await ByteSink.open(port: gateway.port, reads: round % 3 != 0)
                    let stream = round % 2 == 0 ? #","stream":true"# : ""
                    let request = Self.chat("round \(round / 2)", stream)
                    // Some clients hang up within the head, some within the body, some later.
                    try await sink.send(round % 4 == 0 ? String(request.prefix(round * 7 % request.count)) : request)
                    sinks.append(sink)
                    if round % 7 == 0 { sinks.randomElement()?.close() }
                    if round % 10 == 0 { _ = try await gateway.embed((0..<50).map { "input \($0 + round)" }) }
                }
                for sink in sinks { sink.close() }
                try await holdsNothing(gateway)
            }
        }
    }
}
