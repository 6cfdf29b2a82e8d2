import NIOPosix
import Testing

@testable import Gateway

/// A gateway in this process, whose configuration a test replaces while it serves.
@Suite("A configuration that takes the place of another")
struct RunningGatewayTests {
    @Test("answers what begins later, while requests and flights that have begun end with the one before")
    func flightsInProgress() async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let (old, new) = (try await ModelServer.named("old", on: group), try await ModelServer.named("new", on: group))
        let serving = try Serving([old])
        old.hold()
        let begun = Task {
            try await withThrowingTaskGroup(of: String.self) { tasks in
                for number in 0..<40 { tasks.addTask { try await serving.ask("question \(number < 20 ? 0 : number)") } }
                return try await tasks.reduce(into: []) { $0.append($1) }
            }
        }
        // One call for the twenty that ask the same, and one for each of the others.
        try await until("21 calls at the old model") { old.calls == 21 }
        weak let before = serving.gateway.current
        try await until("all requests in their flights") { before?.flights.count == 21 }
        try serving.replace(with: [new])
        // The same question is another one to the new configuration, whose model is another one.
        #expect(try await serving.ask("question 0").contains("I am new."))
        #expect(before != nil && old.openConnections > 0, "they are needed still")
        old.release()
        let answers = try await begun.value
        #expect(answers.count == 40)
        #expect(answers.allSatisfy { $0.hasPrefix("HTTP/1.1 200 OK\r\n") && $0.contains("I am old.") })
        #expect(answers.filter { $0.contains("; collapsed") }.count == 19)
        #expect(old.calls == 21)
        try await until("the old configuration is released") { before == nil }
        try await until("connections to the removed deployment are closed") { old.openConnections == 0 }
        #expect(new.openConnections > 0)
        try await serving.stop()
    }

    @Test("loses no request under load, however often the configuration is replaced")
    func load() async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let models = [try await ModelServer.named("one", on: group), try await ModelServer.named("two", on: group)]
        let serving = try Serving([models[0]])
        let clients = Task {
            try await withThrowingTaskGroup(of: Int.self) { tasks in
                for client in 0..<8 {
                    tasks.addTask {
                        var asked = 0
                        while !Task.isCancelled {
                            // Some are hits, some follow others, some are new.
                            let answer = try await serving.ask("question \(client % 2) \(asked / 5)")
                            asked += 1
                            guard answer.hasPrefix("HTTP/1.1 200 OK\r\n"),
                                answer.hasSuffix("\"finish_reason\":\"stop\"}]}")
                            else { throw Unexpected(description: answer) }
                        }
                        return asked
                    }
                }
                return try await tasks.reduce(0, +)
            }
        }
        for round in 0..<30 {
            try await Task.sleep(for: .milliseconds(30))
            try serving.replace(with: round % 3 == 2 ? models : [models[round % 2]])
        }
        clients.cancel()
        #expect(try await clients.value > 100)
        try await serving.stop()
    }

    @Test("ends the instance of a plugin that permits one at a time before it makes the next")
    func exclusive() async throws {
        let model = try await ModelServer.named("one", on: MultiThreadedEventLoopGroup.singleton)
        let serving = try Serving([model], plugin: .alone())
        for round in 0..<3 {
            try serving.replace(with: [model], cache: ["max_entry_size: \(1 + round) MB"])
            #expect(try await serving.ask("still there?").contains("I am one."))
            #expect(serving.gateway.current.backend?.state.name == "up")
        }
        try await serving.stop()
    }

    @Test("makes the next instance of any other plugin before it ends the present one")
    func coexisting() async throws {
        let model = try await ModelServer.named("one", on: MultiThreadedEventLoopGroup.singleton)
        let serving = try Serving([model], plugin: .alone("CAPABILITIES=0"))
        #expect {
            try serving.replace(with: [model], cache: ["max_entry_size: 1 MB"])
        } throws: { error in
            "\(error)".hasSuffix("somebody has the lock")
        }
        #expect(try await serving.ask("still there?").contains("I am one."))
        try await serving.stop()
    }

    @Test("keeps a backend whose parameters did not change, with its entries, and makes another where they did")
    func keptBackend() async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let model = try await ModelServer.named("one", on: group)
        let serving = try Serving([model])
        let backend = serving.gateway.current.backend
        #expect(try await serving.ask("what?").contains("fwd=miss"))
        // What belongs to the gateway and not to the backend may change.
        for round in 0..<10 {
            try serving.replace(with: [model], cache: ["ttl: \(100 + round)", "mode: default_on"])
            #expect(serving.gateway.current.backend === backend)
            #expect(try await serving.ask("what?").contains("gateway; hit"))
        }
        try serving.replace(with: [model], cache: ["max_size: 20 MB"])
        #expect(serving.gateway.current.backend !== backend)
        #expect(try await serving.ask("what?").contains("fwd=miss"))
        #expect(model.calls == 2)
        try await serving.stop()
    }

    @Test("shuts a backend down when the last request that uses it has ended")
    func releasedBackend() async throws {
        let model = try await ModelServer.named("one", on: MultiThreadedEventLoopGroup.singleton)
        let serving = try Serving([model])
        weak let backend = serving.gateway.current.backend
        model.hold()
        async let answer = serving.ask("what?")
        try await until("the call") { model.calls == 1 }
        try serving.replace(with: [model], cache: ["max_size: 20 MB"])
        #expect(backend?.state.name == "up")
        model.release()
        #expect(try await answer.contains("I am one."))
        try await until("the old backend is released") { backend == nil }
        try await serving.stop()
    }

    @Test("applies its limits and paths to connections that are open")
    func limits() async throws {
        let model = try await ModelServer.named("one", on: MultiThreadedEventLoopGroup.singleton)
        let serving = try Serving([model])
        try serving.replace(with: [model], general: ["max_json_values: 1000", "max_connections: 7"])
        #expect(try await serving.ask("what?").hasPrefix("HTTP/1.1 200 OK\r\n"))
        let long = String(repeating: "[],", count: 2_000)
        let refused = try await serving.post("/v1/chat/completions", #"{"model":"m","messages":[\#(long)1]}"#)
        #expect(refused.hasPrefix("HTTP/1.1 413"))
        #expect(serving.gateway.resources.connections.limits.total == 7)
        try await serving.stop()
    }

    @Test("is not put in force where it cannot be made whole")
    func refused() async throws {
        let model = try await ModelServer.named("one", on: MultiThreadedEventLoopGroup.singleton)
        let serving = try Serving([model])
        let before = serving.gateway.current
        #expect(throws: WrongConfiguration.self) { try serving.replace(with: []) }
        #expect(serving.gateway.current === before)
        #expect(try await serving.ask("still there?").contains("I am one."))
        try await serving.stop()
    }
}
