import Foundation
import Testing

/// Tests of the test harness, without a gateway.
@Suite("The harness", .timeLimit(.minutes(1)))
struct HarnessTests {
    @Test("A recording upstream answers as it is told and remembers every request")
    func recording() async throws {
        let upstream = try await RecordingUpstream.start()
        let connection = try await Connection.open(port: upstream.port)
        let body = #"{"model":"m","messages":[]}"#
        try await connection.send(GatewayProcess.request("POST", "/v1/chat/completions", body, headers: ["X-A": "b"]))
        #expect(try await connection.readResponse().content == "answer 1")
        upstream.answer(with: .failure(503, headers: [("retry-after", "1")]))
        try await connection.send(GatewayProcess.request("GET", "/v1/models", nil))
        let second = try await connection.readResponse()
        #expect(second.status == 503)
        #expect(second["Retry-After"] == "1")
        #expect(second.json["error"]["code"].string == "upstream_503")
        #expect(upstream.requests.map(\.method) == ["POST", "GET"])
        #expect(upstream.requests.first?.text == body)
        #expect(upstream.requests.first?["x-a"] == "b")
    }

    @Test("A streamed answer comes event by event, each when the test sends it")
    func streaming() async throws {
        let upstream = try await RecordingUpstream.start()
        let stream = ControlledStream()
        upstream.answer(with: .events(stream))
        let connection = try await Connection.open(port: upstream.port)
        try await connection.send(GatewayProcess.request("POST", "/v1/chat/completions", "{}"))
        #expect(try await connection.readHead().status == 200)
        var events = EventReader(connection)
        stream.send("one")
        #expect(try await events.next() == "one")
        stream.send("two")
        stream.finish()
        #expect(try await events.next() == "two")
        #expect(try await events.next() == nil)
    }

    @Test("A gate holds an answer back until it is opened")
    func gate() async throws {
        let upstream = try await RecordingUpstream.start()
        let gate = Gate()
        upstream.answer { request, number in
            var answer = Answer.standard(request, number)
            if number == 1 { answer.gate = gate }
            return answer
        }
        let held = try await Connection.open(port: upstream.port)
        try await held.send(GatewayProcess.request("POST", "/v1/chat/completions", "{}"))
        try await upstream.arrival(of: 1)
        let free = try await Connection.open(port: upstream.port)
        try await free.send(GatewayProcess.request("POST", "/v1/chat/completions", "{}"))
        #expect(try await free.readResponse().content == "answer 2")
        gate.open()
        #expect(try await held.readResponse().content == "answer 1")
    }

    @Test("A hang-up is the end of the connection, not an answer")
    func hangUp() async throws {
        let upstream = try await RecordingUpstream.start()
        upstream.answer(with: Answer(body: .hangUp))
        let connection = try await Connection.open(port: upstream.port)
        try await connection.send(GatewayProcess.request("POST", "/v1/chat/completions", "{}"))
        #expect(await connection.readEnd())
    }

    @Test("A command gives its status and both outputs, and sees nothing of the tests' environment")
    func command() async throws {
        let shell = try Command.find("sh")
        let result = try await Command.run(
            shell,
            ["-c", "echo $GIVEN$HOME; echo bad >&2; exit 3"],
            environment: ["GIVEN": "yes"]
        )
        #expect(result.status == 3)
        #expect(result.standardOutput == "yes\n")
        #expect(result.standardError == "bad\n")
        let endless = try Command(shell, ["-c", "echo ready; exec sleep 100"], directory: Repository.root)
        #expect(try await endless.standardOutput.first(#/ready/#) != nil, "output is seen while the process runs")
        endless.signal(SIGTERM)
        #expect(try await endless.status == -SIGTERM)
    }

    @Test("The venv's Python has the real openai package")
    func python() async throws {
        let printed = try await Python.run("import openai, yaml; print(openai.__name__)")
        #expect(printed == ["openai"])
    }
}
