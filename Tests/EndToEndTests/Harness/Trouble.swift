import Testing

/// The properties of every failing backend, of whichever kind.
enum Trouble {
    /// The default of `lookup_timeout` in milliseconds, with a margin for a busy machine.
    static let longest = 250.0 + 400

    /// Each fault costs a request at most its look-up, and has no effect once it is over.
    static func expectNoHarm(
        of fault: FaultProxy.Fault,
        on proxy: FaultProxy,
        to gateway: GatewayProcess,
        warmUp: Int,
        requests: Int
    ) async throws {
        let load = Load(port: gateway.port, connections: 8, questions: 20)
        _ = try await load.run(warmUp)
        proxy.switchTo(fault)
        if fault == .refuse { proxy.hangUp() }
        expectNoHarm(in: try await load.run(requests), of: requests, within: longest)
        proxy.switchTo(.none)
        try await expectRecovery(load)
    }

    /// Every request gets its own answer in time.
    static func expectNoHarm(in report: Load.Report, of requests: Int, within longest: Double) {
        #expect(report.answers == requests)
        #expect(report.errors.isEmpty, "\(report.errors.prefix(3))")
        #expect(report.swapped.isEmpty, "\(report.swapped.prefix(3))")
        #expect(report.latency(1) < longest, "\(report.latency(1)) ms")
    }

    /// The cache serves again, without a restart.
    static func expectRecovery(_ load: Load) async throws {
        try await eventually("the cache is back", within: .seconds(40)) { try await load.run(20).hits == 20 }
    }

    /// Sends this many requests while faults occur and end at random.
    static func weather(
        on proxy: FaultProxy,
        requests: Int,
        questions: Int,
        of gateway: GatewayProcess
    ) async throws -> Load.Report {
        let weather = Task {
            while !Task.isCancelled {
                proxy.switchTo(FaultProxy.Fault.allCases.randomElement() ?? .none)
                if Bool.random() { proxy.hangUp() }
                try await Task.sleep(for: .milliseconds(Int.random(in: 20...300)))
                proxy.switchTo(.none)
                try await Task.sleep(for: .milliseconds(Int.random(in: 200...1_500)))
            }
        }
        defer { weather.cancel() }
        return try await Load(port: gateway.port, connections: 16, questions: questions).run(requests)
    }
}
