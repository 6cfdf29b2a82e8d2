import Foundation
import RegexBuilder
import Testing

/// Plugins that break the rules, in the gateway's process.
@Suite("A plugin that misbehaves", .timeLimit(.minutes(2)))
struct MisbehaviourTests {
    @Test("costs what docs/plugin-abi.md says, and is named in the log", arguments: Misbehaviour.all)
    func outcome(of misbehaviour: Misbehaviour) async throws {
        let upstream = try await RecordingUpstream.start()
        let folder = try await Self.plugin.value
        let configuration =
            Configurations.cached("type: misbehaving\nbehaviour: \"\(misbehaviour.name)\"")
            .replacingOccurrences(of: "UPSTREAM", with: upstream.url)
            + "general_settings:\n  drain_timeout: 1\n"
        let directory = try TemporaryDirectory()
        let file = try directory.write(configuration, to: "config.yaml")
        let command = try Command(
            Repository.gateway,
            ["--config", file.path, "--port", "0", "--loops", "1", "--plugin-dir", folder.url.path],
            directory: directory.url,
            environment: [:]
        )
        defer { command.signal(SIGKILL) }
        let listening = try await command.standardError.first(#/listening on http:[^ ]*:(\d+)/#)
        let port = listening.flatMap { Int($0.output.1) }
        switch misbehaviour.outcome {
        case .refused(let words):
            #expect(port == nil)
            #expect(try await command.status == 78)
            #expect(command.standardError.text.contains("misbehaving' (\(folder.url.path)"))
            #expect(command.standardError.text.contains(words), "\(command.standardError.text)")
        case .ends(let status, let lastLine):
            if let port { _ = try? await Self.ask(port) }
            if let port { _ = try? await Self.ask(port) }
            #expect(try await command.status == status, "\(command.standardError.text)")
            if let lastLine {
                let last = command.standardError.text.split(separator: "\n").last ?? ""
                #expect(last.contains(lastLine), "\(command.standardError.text)")
                #expect(last.contains("/libgateway-cache-misbehaving.so, 6.6.6)"))
            }
        case .heldLoop(let words):
            async let answer = Self.ask(try #require(port))
            #expect(try await command.standardError.first(Regex { words }) != nil)
            command.signal(SIGTERM)
            #expect(try await command.status == 1)
            _ = try? await answer
        case .served(let statuses, let words):
            for status in statuses {
                #expect(try await Self.ask(try #require(port)) == "gateway; " + status, "\(command.standardError.text)")
            }
            command.signal(SIGTERM)
            #expect(try await command.status == 0)
            if let words { #expect(command.standardError.text.contains(words), "\(command.standardError.text)") }
        case .slowStop(let words):
            #expect(try await Self.ask(try #require(port)).hasPrefix("gateway; fwd=miss; stored"))
            command.signal(SIGTERM)
            #expect(try await command.status == 0)
            #expect(command.standardError.text.contains(words), "\(command.standardError.text)")
        }
    }

    @Test(
        "does not delay SIGTERM while the gateway waits for it to start",
        arguments: ["hang in create", "hang in start"]
    )
    func interrupted(behaviour: String) async throws {
        let folder = try await Self.plugin.value
        let directory = try TemporaryDirectory()
        let configuration = Configurations.cached("type: misbehaving\nbehaviour: \(behaviour)")
            .replacingOccurrences(of: "UPSTREAM", with: "http://127.0.0.1:1")
        let file = try directory.write(configuration, to: "config.yaml")
        let command = try Command(
            Repository.gateway,
            ["--config", file.path, "--port", "0", "--plugin-dir", folder.url.path],
            directory: directory.url,
            environment: [:]
        )
        defer { command.signal(SIGKILL) }
        #expect(try await command.standardError.first(#/has not returned from (create|start) for a second/#) != nil)
        command.signal(SIGTERM)
        // Without the signal it would wait for another nine seconds, and end with 78.
        #expect(try await command.status == 0)
        #expect(command.standardError.text.contains("was not waited for, since the process stops"))
    }

    @Test("in its parameters is reported at the place of the parameter that it names")
    func parameter() async throws {
        let folder = try await Self.plugin.value
        let configuration = Configurations.cached("type: misbehaving\nbehaviour: none\nrefused: \"yes\"")
            .replacingOccurrences(of: "UPSTREAM", with: "http://h")
        let checked = try await Checked.check(configuration, plugins: folder.url)
        #expect(checked.status == 1)
        let line = configuration.split(separator: "\n", omittingEmptySubsequences: false)
            .firstIndex { $0.contains("refused") }
        #expect(
            checked.messages.first?.hasPrefix("config.yaml:\(try #require(line) + 1):14: cache plugin 'misbehaving'")
                == true,
            "\(checked.messages)"
        )
        #expect(checked.messages.first?.hasSuffix(": not today") == true)
    }

    @Test("in what keys it takes is refused at the place of the namespace, with the bytes to save")
    func shortKeys() async throws {
        let folder = try await Self.plugin.value
        let name = String(repeating: "n", count: 40)
        let configuration = Configurations.cached("type: misbehaving\nbehaviour: none\nnamespace: \(name)")
            .replacingOccurrences(of: "UPSTREAM", with: "http://h")
        let checked = try await Checked.check(configuration, plugins: folder.url)
        #expect(checked.status == 1)
        #expect(
            checked.messages.first?.contains(
                "takes keys of at most 220 bytes, and under the namespace '\(name)' the gateway's have up to 234; shorten "
                    + "'namespace' in cache_params by 14 bytes"
            ) == true,
            "\(checked.messages)"
        )
    }

    @Test("is listed in docs/plugin-abi.md with all of its ways, and so is each that the document lists here")
    func documented() throws {
        let file = Repository.root.appending(path: "docs/plugin-abi.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        let rows = text.split(separator: "\n").compactMap {
            $0.firstMatch(of: #/^\| `([a-z ]+)` \|/#).map { String($0.1) }
        }
        #expect(rows == Misbehaviour.all.map(\.name).filter { $0 != "none" })
    }

    /// The last line of the log is a JSON object where the others are.
    @Test("is named in the form that the log has")
    func json() async throws {
        let folder = try await Self.plugin.value
        let directory = try TemporaryDirectory()
        let configuration = Configurations.cached("type: misbehaving\nbehaviour: crash in create")
            .replacingOccurrences(of: "UPSTREAM", with: "http://127.0.0.1:1")
        let file = try directory.write(configuration, to: "config.yaml")
        let result = try await Command.run(
            Repository.gateway,
            ["--config", file.path, "--port", "0", "--log-format", "json", "--plugin-dir", folder.url.path]
        )
        let last = JSON(Array((result.standardError.split(separator: "\n").last ?? "").utf8))
        #expect(last["level"].string == "critical")
        #expect(last["message"].string?.contains("crashed in create") == true)
        #expect(last["time"].string?.wholeMatch(of: #/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/#) != nil)
    }

    /// Asks the same question and returns `Cache-Status`.
    private static func ask(_ port: Int) async throws -> String {
        let connection = try await Connection.open(port: port)
        let body = #"{"model":"gpt-4","messages":[{"role":"user","content":"hello"}]}"#
        let headers = ["Content-Type": "application/json"]
        try await connection.send(GatewayProcess.request("POST", "/v1/chat/completions", body, headers: headers))
        let response = try await connection.readResponse()
        #expect(response.status == 200)
        return response["cache-status"] ?? ""
    }

    /// The plugin, compiled once.
    static let plugin = Task {
        let folder = try TemporaryDirectory()
        let result = try await Command.run(
            Command.find("g++"),
            [
                "-std=c++17", "-O1", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared", "-fvisibility=hidden",
                "-pthread", "-Wl,--version-script=packaging/plugin.exports", "-I", Repository.headers.path, "-o",
                folder.url.appending(path: "libgateway-cache-misbehaving.so").path,
                "Tests/EndToEndTests/Plugins/misbehaving.cc",
            ]
        )
        guard result.status == 0 else { throw HarnessError(result.standardError) }
        return folder
    }
}
