import Foundation
import Testing

extension OneAtATime {
    /// The commands of docs/plugin-guide.md, run as they are there except for the port.
    @Suite("The guide for authors of plugins", .timeLimit(.minutes(4)))
    struct PluginGuideTests {
        @Test("The guide leads from nothing to a plugin that is built, checked and serves a hit")
        func commands() async throws {
            let folder = try TemporaryDirectory()
            let programs = folder.url.appending(path: "bin")
            try FileManager.default.createDirectory(at: programs, withIntermediateDirectories: false)
            try FileManager.default.createSymbolicLink(
                at: programs.appending(path: "gateway"),
                withDestinationURL: Repository.gateway
            )
            let blocks = try ShellBlocks.read(Repository.root.appending(path: "docs/plugin-guide.md"))
            let commands = try blocks.joined(separator: "\n").replacing("8321", with: "\(FreePort.find())")
            let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
            let result = try await Installation.run(
                "cd '\(folder.url.path)'\n" + commands,
                in: folder.url,
                environment: ["PATH": "\(programs.path):\(path)"]
            )
            let statuses = result.standardOutput.split(whereSeparator: \.isNewline)
                .filter { $0.lowercased().hasPrefix("cache-status") }
            #expect(statuses.count == 2, "\(result.standardOutput)\(result.standardError)")
            #expect(
                statuses.first?.contains("fwd=miss") == true && statuses.last?.contains("hit") == true,
                "\(statuses)"
            )
            #expect(result.standardOutput.contains(#/answers 1.0.0: \d+ of \d+ passed/#), "it is checked")
            #expect(result.standardOutput.contains("slots"), "the parameters are described")
            #expect(result.standardOutput.contains("--version-script"), "the flags are shown")
        }
    }
}
