import NIOCore
import Testing

extension OneAtATime {
    /// A server with answers that are larger than wanted.
    @Suite("Answers of S3 that are too long", .timeLimit(.minutes(2)), .serialized)
    struct S3AnswerTests {
        private func withServer(
            _ parameters: String = "",
            _ script: @escaping RecordingUpstream.Script,
            _ body: (GatewayProcess, RecordingUpstream) async throws -> Void
        ) async throws {
            let server = try await RecordingUpstream.start(script)
            let configuration = Configurations.cached(
                """
                type: s3
                s3_bucket_name: cache
                s3_endpoint_url: \(server.url)
                s3_aws_access_key_id: a
                s3_aws_secret_access_key: b
                lookup_timeout: 5
                \(parameters)
                """
            )
            try await withGateway(configuration) { gateway, _ async throws in try await body(gateway, server) }
        }

        private static let listing = Answer.json("<ListBucketResult></ListBucketResult>")

        @Test("An error of 20,000 ampersands costs the plugin's thread next to nothing")
        func ampersands() async throws {
            let text =
                "<Error><Code>AccessDenied</Code><Message>\(String(repeating: "&", count: 20_000))</Message></Error>"
            try await withServer { _, _ in
                .json(text, status: 403)
            } _: { gateway, server in
                for index in 0..<4 { #expect(try await gateway.chat("question \(index)").status == 200) }
                try await eventually("the server was asked") { server.calls >= 5 }
                // Quadratic parsing took 8 s each time.
                let time = try ProcessUsage(of: gateway).processorTime
                print("processor time: \(time) s for \(server.calls) errors")
                #expect(time < 4, "\(time) s")
                #expect(gateway.log.contains("AccessDenied"))
            }
        }

        @Test("An error or an entry of 200 MB is not read", arguments: [403, 404, 200])
        func large(status: Int) async throws {
            let answer = Answer(
                status: status,
                body: .buffer(ByteBuffer(repeating: UInt8(ascii: "x"), count: 200_000_000))
            )
            try await withServer { request, _ in
                request.method == "GET" && !request.uri.contains("max-keys=1&") ? answer : Self.listing
            } _: { gateway, server in
                #expect(try await gateway.logged(#/cache backend s3/#))
                let usage = ProcessUsage(of: gateway)
                let before = try usage.memory
                for index in 0..<3 { #expect(try await gateway.chat("question \(index)").status == 200) }
                try await eventually("the server was asked") {
                    server.requests.count { $0.uri.contains("cache/") } >= 3
                }
                let growth = try usage.peakMemory - before
                print("\(status): grew by \(growth) MiB")
                #expect(growth < 64, "grew by \(growth) MiB")
                let answer = try await gateway.chat("another question")
                if status == 200 { #expect(answer.cacheStatus.contains("too-large"), "\(answer.cacheStatus)") }
            }
        }
    }
}
