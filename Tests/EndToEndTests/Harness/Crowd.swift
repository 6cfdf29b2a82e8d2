/// Many identical requests.
enum Crowd {
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
