import Foundation
import Testing

/// docs/migrating-from-litellm.md
@Suite("Migrating from LiteLLM", .timeLimit(.minutes(1)))
struct MigrationTests {
    /// The fenced blocks of the page, without their marks.
    private static func blocks() throws -> [String] {
        let page = try String(
            contentsOf: Repository.root.appending(path: "docs/migrating-from-litellm.md"),
            encoding: .utf8
        )
        return page.components(separatedBy: "\n```").enumerated().filter { $0.offset % 2 == 1 }.map { _, block in
            block.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false).last.map(String.init) ?? ""
        }
    }

    private static let environment = [
        "AZURE_API_KEY": "k", "OPENAI_API_KEY": "k", "REDIS_PASSWORD": "k", "LITELLM_MASTER_KEY": "sk-master",
    ]

    @Test("The file of the page is checked as the page shows it")
    func check() async throws {
        let blocks = try Self.blocks()
        let directory = try TemporaryDirectory()
        try directory.write(try #require(blocks.first), to: "config.yaml")
        let result = try await Command.run(
            Repository.gateway,
            ["check", "config.yaml", "--plugin-dir", Repository.plugins.path],
            directory: directory.url,
            environment: Self.environment
        )
        #expect(result.status == 0)
        let printed = (result.standardError + result.standardOutput).replacing(
            #/plugin: .*/libgateway/#,
            with: "plugin: /usr/local/lib/gateway/libgateway"
        )
        #expect(printed.trimmed == (blocks.dropFirst().first ?? "").trimmed)
    }
}
