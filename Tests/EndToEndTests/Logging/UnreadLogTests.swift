import Foundation
import Testing

extension OneAtATime {
    /// Nothing waits for the log: neither requests nor plugins nor the end.
    @Suite("A log that is not read", .timeLimit(.minutes(2)))
    struct UnreadLogTests {
        private func withUpstream(_ body: (_ configuration: String) async throws -> Void) async throws {
            let upstream = try await RecordingUpstream.start()
            try await body(Configurations.local.replacingOccurrences(of: "UPSTREAM", with: upstream.url))
        }

        @Test("stops neither the start nor requests nor SIGTERM", arguments: ["a pipe", "a terminal"])
        func full(kind: String) async throws {
            let log = try kind == "a pipe" ? UnreadLog.pipe() : UnreadLog.terminal()
            log.fill()
            try await withUpstream { configuration in
                let gateway = try DescriptorGateway(configuration, log: log.writingEnd)
                try await gateway.isUp()
                for number in 0..<20 { #expect(try await gateway.chat("question \(number)").status == 200) }
                #expect(try await gateway.stop() == 0)
            }
        }

        @Test("does not keep the error of a failed start from being the end of it")
        func failedStart() async throws {
            let log = try UnreadLog.pipe()
            log.fill()
            let upstream = try await RecordingUpstream.start()
            try await withUpstream { configuration in
                let gateway = try DescriptorGateway(configuration, log: log.writingEnd, port: upstream.port)
                #expect(try await gateway.status == 1)
            }
        }

        @Test("has every line of several threads whole and once, or counts it, when it is read at last")
        func accounts() async throws {
            let folder = try await Talkative.compiled()
            let (lookUps, linesEach) = (10, 2_000)
            let configuration = Configurations.cached("type: talkative\nlines: \(linesEach)")
            let upstream = try await RecordingUpstream.start()
            let log = try UnreadLog.pipe()
            let gateway = try DescriptorGateway(
                configuration.replacingOccurrences(of: "UPSTREAM", with: upstream.url),
                log: log.writingEnd,
                arguments: ["--log-level", "debug"],
                plugins: folder.url
            )
            try await gateway.isUp()
            for number in 0..<lookUps { #expect(try await gateway.chat("question \(number)").status == 200) }
            let output = log.read()
            try await eventually("it tells how many are missing") {
                output.text.contains("log lines were dropped because the log was not read")
            }
            #expect(try await gateway.stop() == 0)
            try await eventually("its last line is read") { output.text.contains(" stopped\n") }

            let lines = output.text.utf8.split(separator: UInt8(ascii: "\n")).map { Substring($0) }
            let numbered = lines.filter { $0.contains("begin-") }
            let end = "-" + String(repeating: "0", count: 400) + "-end instance=cache plugin=talkative"
            let whole = numbered.compactMap { line -> Int? in
                guard line.hasSuffix(end),
                    let match = line.dropLast(end.count).wholeMatch(of: #/[^ ]+Z debug begin-(\d+)/#)
                else { return nil }
                return Int(match.output.1)
            }
            #expect(whole.count == numbered.count, "no line is torn or mixed with another")
            #expect(Set(whole).count == whole.count, "no line is there twice")
            let dropped = lines.filter { $0.contains(" dropped ") }
                .compactMap { $0.firstMatch(of: #/(\d+) log lines? (was|were) dropped/#) }
                .reduce(0) { $0 + (Int($1.output.1) ?? 0) }
            #expect(dropped > 10_000, "a megabyte waits, and the rest is dropped")
            // The gateway's own few lines may have been dropped with them.
            #expect((0...100).contains(whole.count + dropped - lookUps * linesEach), "\(whole.count) + \(dropped)")
        }
    }
}

extension OneAtATime {
    /// It does not matter either where the log goes.
    @Suite("A log that cannot be written", .timeLimit(.minutes(1)))
    struct UnwritableLogTests {
        @Test(
            "is no reason not to serve",
            arguments: ["a pipe that is closed", "/dev/full", "a file that may not grow"]
        )
        func serves(kind: String) async throws {
            let upstream = try await RecordingUpstream.start()
            let configuration = Configurations.local.replacingOccurrences(of: "UPSTREAM", with: upstream.url)
            let directory = try TemporaryDirectory()
            let descriptor: Int32
            switch kind {
            case "/dev/full": descriptor = open("/dev/full", O_WRONLY)
            case "a file that may not grow":
                descriptor = open(directory.url.appending(path: "log").path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
            default:
                var ends: [Int32] = [0, 0]
                #expect(pipe(&ends) == 0)
                close(ends[0])
                descriptor = ends[1]
            }
            defer { close(descriptor) }
            let gateway = try DescriptorGateway(
                configuration,
                log: descriptor,
                fileSizeLimit: kind == "a file that may not grow" ? 0 : nil
            )
            try await gateway.isUp()
            for number in 0..<20 { #expect(try await gateway.chat("question \(number)").status == 200) }
            #expect(try await gateway.stop() == 0)
        }

        @Test("goes on with whole lines, and reports how many are lost, once there is room again")
        func roomAgain() async throws {
            let folder = try await Talkative.compiled()
            let directory = try TemporaryDirectory()
            let file = directory.url.appending(path: "log")
            let descriptor = open(file.path, O_RDWR | O_CREAT | O_APPEND, 0o600)
            defer { close(descriptor) }
            let upstream = try await RecordingUpstream.start()
            let gateway = try DescriptorGateway(
                Configurations.cached("type: talkative\nlines: 100").replacingOccurrences(
                    of: "UPSTREAM",
                    with: upstream.url
                ),
                log: descriptor,
                arguments: ["--log-level", "debug"],
                plugins: folder.url,
                fileSizeLimit: 20
            )
            try await gateway.isUp()
            #expect(try await gateway.chat("more than fits").status == 200)
            try await eventually("the file is full") {
                try FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int == 20 * 512
            }
            // All hundred lines have been tried once the gateway has answered again and its log has stopped growing.
            try await Task.sleep(for: .milliseconds(200))
            #expect(ftruncate(descriptor, 0) == 0)
            #expect(try await gateway.stop() == 0)
            let text = try String(contentsOf: file, encoding: .utf8)
            #expect(text.contains(#/\d+ log lines were lost: File too large/#), "\(text)")
            let lines = text.split(separator: "\n")
            #expect(lines.allSatisfy { $0.contains(#/^\d{4}-\d\d-\d\dT[^ ]+Z [a-z]+ /#) }, "\(text)")
            #expect(lines.last?.hasSuffix("stopped") == true, "\(text)")
        }

        @Test("has what was logged before a failed start, and the error after it")
        func failedStart() async throws {
            let directory = try TemporaryDirectory()
            let upstream = try await RecordingUpstream.start()
            let file = try directory.write(
                "model_list:\n  - {model_name: a, litellm_params: {model: openai/a}}\n",
                to: "config.yaml"
            )
            let result = try await Command.run(
                Repository.gateway,
                ["--config", file.path, "--port", "\(upstream.port)", "--plugin-dir", Repository.plugins.path]
            )
            #expect(result.status == 1)
            let lines = result.standardError.split(separator: "\n")
            #expect(lines.first { $0.contains("OPENAI_API_KEY") } != nil, "\(result.standardError)")
            #expect(lines.last?.contains("cannot listen") == true, "\(result.standardError)")
        }
    }
}
