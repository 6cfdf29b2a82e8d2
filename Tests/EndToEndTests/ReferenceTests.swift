import Foundation
import Testing

@Suite("The reference")
struct ReferenceTests {
    @Test("docs/configuration.md is what `gateway reference` prints; `make reference` makes it anew")
    func isCurrent() async throws {
        let printed = try await Command.run(
            Repository.gateway,
            ["reference", "--plugin-dir", Repository.plugins.path]
        )
        #expect(printed.status == 0)
        let kept = try String(
            contentsOf: Repository.root.appendingPathComponent("docs/configuration.md"),
            encoding: .utf8
        )
        #expect(printed.standardOutput == kept)
    }

    @Test("docs/litellm-keys.md is what `gateway reference --migrating` prints; `make reference` makes it anew")
    func keysAreCurrent() async throws {
        let printed = try await Command.run(
            Repository.gateway,
            ["reference", "--migrating", "--plugin-dir", Repository.plugins.path]
        )
        #expect(printed.status == 0)
        let kept = try String(
            contentsOf: Repository.root.appendingPathComponent("docs/litellm-keys.md"),
            encoding: .utf8
        )
        #expect(printed.standardOutput == kept)
    }

    @Test("docs/plugin-checks.md is what `gateway plugins check --list` prints; `make reference` makes it anew")
    func checksAreCurrent() async throws {
        let printed = try await Command.run(Repository.gateway, ["plugins", "check", "--list"])
        #expect(printed.status == 0)
        let kept = try String(
            contentsOf: Repository.root.appendingPathComponent("docs/plugin-checks.md"),
            encoding: .utf8
        )
        #expect(printed.standardOutput == kept)
    }
}
