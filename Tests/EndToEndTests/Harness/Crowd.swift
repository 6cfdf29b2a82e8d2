/// Many identical requests.
enum Crowd {
    /// Sends a thousand requests at once while the model holds its answer, every other one for a stream. The model
    /// answers when all had time to arrive.
    ///
    /// - Parameter ask: sends one request.
    static func thousand(
        at upstream: RecordingUpstream,
        answering script: @escaping RecordingUpstream.Script,
        _ ask: @escaping @Sendable (_ isStream: Bool) async throws -> Response
    ) async throws -> [Response] {
        let gate = Gate()
        upstream.answer { request, number in
            var answer = script(request, number)
            answer.gate = gate
            return answer
        }
        let timer = Task {
            try await upstream.arrival(of: 1)
            // This gives the other requests time to arrive, also on a busy machine.
            try await Task.sleep(for: .seconds(2))
            gate.open()
        }
        let answers = try await withThrowingTaskGroup(of: Response.self) { group in
            for number in 0..<1_000 { group.addTask { try await ask(number % 2 == 1) } }
            return try await group.reduce(into: [Response]()) { $0.append($1) }
        }
        try await timer.value
        return answers
    }

    /// Sends `count` requests at once, every other one for a stream, divided evenly among the gateways.
    static func ask(_ gateways: [GatewayProcess], _ count: Int) async throws -> [Response] {
        try await withThrowingTaskGroup(of: Response.self) { group in
            for number in 0..<count {
                let gateway = gateways[number / 2 % gateways.count]
                group.addTask {
                    number % 2 == 0 ? try await gateway.chat("all at once") : try await gateway.stream("all at once")
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }
}
