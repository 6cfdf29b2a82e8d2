import Testing

/// A backend that entries are removed from, with nothing in it.
enum RemovalBackend: String, CaseIterable, CustomTestStringConvertible {
    case local, redis, s3

    var testDescription: String { rawValue }

    /// Runs `body` with a gateway on the backend. `servers` keeps what the backend needs alive.
    func run(
        _ more: String = "",
        general: String = "",
        _ body: (GatewayProcess, RecordingUpstream) async throws -> Void
    ) async throws {
        switch self {
        case .local: try await withGateway(Configurations.cached("type: local\n\(more)") + general, body)
        case .redis:
            let server = try await RedisServer.start()
            let parameters = "type: redis\nhost: 127.0.0.1\nport: \(server.port)\nlookup_timeout: 5\n\(more)"
            try await withGateway(Configurations.cached(parameters) + general) { gateway, upstream async throws in
                try await gateway.cacheIsReady()
                try await body(gateway, upstream)
            }
            withExtendedLifetime(server) {}
        case .s3:
            let bucket = try await Implementation.seaweed.bucket()
            let parameters = bucket.parameters("lookup_timeout: 5\n\(more)")
            try await withGateway(Configurations.cached(parameters) + general) { gateway, upstream async throws in
                try await gateway.cacheIsReady()
                try await body(gateway, upstream)
            }
        }
    }
}

extension GatewayProcess {
    /// Asks until the answer comes from the cache, since a backend may still be storing it, and returns that answer.
    func hit(_ question: String, model: String = "gpt-3.5-turbo", _ members: String = "") async throws -> Response {
        var answer = try await chat(question, model: model, members)
        try await eventually("'\(question)' is cached") {
            if !answer.isHit { answer = try await chat(question, model: model, members) }
            return answer.isHit
        }
        return answer
    }

    /// Whether the answer is in the cache. No model is asked.
    func has(_ question: String, model: String = "gpt-3.5-turbo") async throws -> Bool {
        try await chat(question, model: model, headers: ["Cache-Control": "only-if-cached"]).isHit
    }

    func purge(_ body: String) async throws -> Response { try await post("/cache/purge", body) }
}
