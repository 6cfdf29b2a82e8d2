import Synchronization

/// Clients that go on asking while gateways come and go: with a connection for each request, on connections that are
/// kept, and with streams. Any request without a whole and right answer is a failure.
final class RestartLoad: Sendable {
    private struct State {
        var answers = 0
        var failures: [String] = []
        var isOver = false
        var running = 0
    }

    private let state = Mutex(State())
    private let place: Place

    enum Place: Sendable {
        case port(Int)
        case path(String)
    }

    init(_ place: Place) { self.place = place }

    var answers: Int { state.withLock { $0.answers } }
    var failures: [String] { state.withLock { $0.failures } }

    /// Asks while `body` runs.
    func run(_ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<4 {
                group.addTask { await self.repeatedly { try await self.once("fresh \(number)") } }
                group.addTask { await self.keeping("kept \(number)") }
            }
            for number in 0..<2 {
                group.addTask { await self.repeatedly { try await self.stream("stream \(number)") } }
            }
            do {
                try await body()
            } catch {
                state.withLock { $0.failures.append("\(error)") }
            }
            end()
            try await group.waitForAll()
        }
    }

    /// Lets no further request begin.
    func end() { state.withLock { $0.isOver = true } }

    /// Waits until no request is under way after `end`.
    func ended() async throws { try await eventually("the clients end") { state.withLock { $0.running } == 0 } }

    /// Waits until further requests have been answered.
    func goesOn(for count: Int = 200) async throws {
        let before = answers
        try await eventually("\(count) more answers arrive") { answers >= before + count || !failures.isEmpty }
    }

    private var isOver: Bool { state.withLock { $0.isOver || $0.failures.count > 20 } }

    private func open() async throws -> Connection {
        switch place {
        case .port(let port): try await Connection.open(port: port)
        case .path(let path): try await Connection.open(path: path)
        }
    }

    private func repeatedly(_ request: () async throws -> Void) async {
        state.withLock { $0.running += 1 }
        defer { state.withLock { $0.running -= 1 } }
        while !isOver {
            do {
                try await request()
                state.withLock { $0.answers += 1 }
            } catch {
                state.withLock { $0.failures.append("\(error)") }
            }
        }
    }

    private static func question(_ name: String, isStreamed: Bool = false) -> String {
        GatewayProcess.request(
            "POST",
            "/v1/chat/completions",
            #"{"model":"gpt-3.5-turbo","messages":[{"role":"user","content":"\#(name)"}],"stream":\#(isStreamed)}"#
        )
    }

    private func once(_ name: String) async throws { try check(await Mock.ask(open(), Self.question(name)), name) }

    private func check(_ response: Response, _ name: String) throws {
        guard response.status == 200, response.content == "hello" else {
            throw HarnessError("\(name): \(response.status) \(response.text)")
        }
    }

    private func keeping(_ name: String) async {
        var connection: Connection?
        await repeatedly {
            let current = if let connection { connection } else { try await open() }
            connection = nil
            let response = try await Mock.ask(current, Self.question(name))
            try check(response, name)
            if response["connection"] != "close" { connection = current }
        }
    }

    private func stream(_ name: String) async throws {
        let connection = try await open()
        try await connection.send(Self.question(name, isStreamed: true))
        let head = try await connection.readHead()
        guard head.status == 200 else { throw HarnessError("\(name): \(head.status)") }
        var events = EventReader(connection)
        var last = ""
        while let event = try await events.next() { last = event }
        guard last == "[DONE]" else { throw HarnessError("\(name) ends with \(last)") }
    }
}
