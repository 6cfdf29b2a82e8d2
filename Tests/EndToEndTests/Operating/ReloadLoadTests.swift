import Foundation
import Testing

extension OneAtATime {
    @Suite("Reloads under load", .timeLimit(.minutes(5)))
    struct ReloadLoadTests {
        /// How many clients ask for whole answers, and how many for streams.
        private static let clients = 4

        /// What the clients saw.
        private struct Report: Sendable {
            var answers = 0
            var hits = 0
            var wrong: [String] = []

            mutating func add(_ other: Report) {
                answers += other.answers
                hits += other.hits
                wrong += other.wrong
            }
        }

        /// Asks until it is over. Each answer must be the one to its question, and each connection that of the first
        /// question.
        private static func ask(
            _ gateway: GatewayProcess,
            streams: Bool,
            client: Int,
            until isOver: Observed<Bool>
        ) async throws -> Report {
            let connection = try await gateway.connect()
            var report = Report()
            while !isOver.value {
                // Each question is asked twice in a row, so that some are hits.
                let question = "question \(client) \(report.answers / 2 % 50)"
                let body =
                    #"{"model":"gpt-4","messages":[{"role":"user","content":"\#(question)"}]\#(streams ? #","stream":true"# : "")}"#
                try await connection.send(GatewayProcess.request("POST", "/v1/chat/completions", body))
                let answer = try await connection.readResponse()
                report.answers += 1
                if answer.isHit { report.hits += 1 }
                let isRight = answer.status == 200 && answer.text.contains("<\(question)>")
                let isWhole = streams ? answer.text.hasSuffix("data: [DONE]\n\n") : answer.content == "<\(question)>"
                if !isRight || !isWhole {
                    report.wrong.append("\(question): \(answer.status) \(answer.text.prefix(300))")
                }
            }
            return report
        }

        /// Runs `body` while clients ask.
        private static func load(_ gateway: GatewayProcess, _ body: () async throws -> Void) async throws -> Report {
            let isOver = Observed(false)
            let all = Task {
                try await withThrowingTaskGroup(of: Report.self) { group in
                    for client in 0..<clients * 2 {
                        group.addTask {
                            try await ask(gateway, streams: client % 2 == 1, client: client, until: isOver)
                        }
                    }
                    return try await group.reduce(into: Report()) { $0.add($1) }
                }
            }
            defer { isOver.update { $0 = true } }
            try await body()
            isOver.update { $0 = true }
            return try await all.value
        }

        /// Answers with the question, in the form that was asked for.
        private static func echo(_ request: RecordingUpstream.Request, _ number: Int) -> Answer {
            let question = request.json["messages"][0]["content"].string ?? ""
            if request.json["stream"].bool == true { return .chatStream(["<\(question)>"]) }
            return .chat("<\(question)>")
        }

        private static func configuration(_ cache: String, ttl: Int) -> String {
            Configurations.cached("\(cache)\nttl: \(ttl)")
        }

        @Test("200 reloads, half of broken files, and 20 other backends lose no request and leave nothing behind")
        func load() async throws {
            let redis = try await RedisServer.start()
            let bucket = try await Implementation.moto.bucket()
            let disk = try TemporaryDirectory()
            let backends = [
                "type: local", "type: redis\nhost: 127.0.0.1\nport: \(redis.port)",
                bucket.parameters(),
                "type: disk\npath: \(disk.url.appending(path: "cache").path)",
            ]
            let plugins = try await ExamplePlugin.together(["disk"])
            for name in ["local", "redis", "s3"] {
                let library = "libgateway-cache-\(name).so"
                try FileManager.default.copyItem(
                    at: Repository.plugins.appending(path: library),
                    to: plugins.url.appending(path: library)
                )
            }
            try await withGateway(
                Self.configuration(backends[0], ttl: 100),
                arguments: GatewayProcess.pidFile,
                plugins: plugins.url
            ) { gateway, upstream async throws in
                upstream.answer(Self.echo)
                func reload(_ text: String, _ status: Int32) async throws {
                    try gateway.configure(text, upstream)
                    let result = try await gateway.reload()
                    #expect(result.status == status, "\(result.standardError)")
                }
                // Each backend once, so that what is made once for the process has been made.
                for backend in backends { try await reload(Self.configuration(backend, ttl: 100), 0) }
                try await reload(Self.configuration(backends[0], ttl: 100), 0)
                // So have the connections to the model.
                _ = try await Self.load(gateway) { try await Task.sleep(for: .seconds(1)) }
                let before = (descriptors: try gateway.openDescriptors, memory: try gateway.residentMegabytes)

                let report = try await Self.load(gateway) {
                    for round in 0..<100 {
                        // Each fifth round has another backend than the one before.
                        let backend = backends[(round / 5 + 1) % backends.count]
                        try await reload(Self.configuration(backend, ttl: 100 + round), 0)
                        try await reload(round % 2 == 0 ? "model_list: [" : "model_list: []\n", 78)
                    }
                }
                #expect(report.wrong.isEmpty, "\(report.wrong.prefix(5))")
                #expect(report.answers > 500 && report.hits > 100)
                try await reload(Self.configuration(backends[0], ttl: 100), 0)
                let readiness = try await gateway.get("/health/readiness").json["configuration"]
                #expect(readiness["generation"].int == 1 + backends.count + 1 + 100 + 1)
                try await eventually("descriptors are as before, \(before.descriptors)") {
                    try gateway.openDescriptors <= before.descriptors + 2
                }
                let growth = try gateway.residentMegabytes - before.memory
                #expect(growth < 24, "memory grew by \(growth) MB")
            }
        }
    }
}
