import Foundation
import PluginConformance
import Testing

extension OutsideTheTree {
    /// `gateway plugins new`: projects that are built outside the source tree, with what is installed.
    @Suite("A new plugin's project", .timeLimit(.minutes(5)))
    struct NewPluginTests {
        @Test(
            "A project builds as its README says, keeps every rule and serves a hit",
            arguments: ["c", "cpp", "rust", "swift"]
        )
        func project(language: String) async throws {
            let folder = try TemporaryDirectory()
            let made = try await Command.run(
                Repository.gateway,
                ["plugins", "new", "mine-\(language)", "--language", language],
                directory: folder.url
            )
            #expect(made.status == 0 && made.standardOutput.contains("README.md"), "\(made.standardError)")
            let project = folder.url.appending(path: "mine-\(language)")
            try await Installation.run("make 2>&1", in: project)
            let library = project.appending(path: "libgateway-cache-mine-\(language).so")
            let report = ConformanceSuite(try TestedPlugin(library: library.path)).run()
            #expect(report.isConformant, "\(report)")
            try await withGateway(Configurations.cached("type: mine-\(language)"), plugins: project) {
                gateway,
                upstream in
                let miss = try await gateway.chat("hello")
                let hit = try await gateway.chat("hello")
                #expect(hit.isHit && hit.body == miss.body && upstream.calls == 1)
            }
        }

        @Test("A folder that is there is refused in one line, and nothing in it is changed")
        func existing() async throws {
            let folder = try TemporaryDirectory()
            try folder.write("mine", to: "mine/README.md")
            let result = try await Command.run(
                Repository.gateway,
                ["plugins", "new", "mine", "--language", "c"],
                directory: folder.url
            )
            #expect(result.status == 1)
            #expect(result.standardError.split(separator: "\n").count == 1)
            #expect(result.standardError.contains("mine is there already"), "\(result.standardError)")
            let left = try FileManager.default.subpathsOfDirectory(atPath: folder.url.path).sorted()
            #expect(left == ["mine", "mine/README.md"])
            #expect(try String(contentsOf: folder.url.appending(path: "mine/README.md"), encoding: .utf8) == "mine")
        }

        @Test("A name that could leave the folder, or that a bundled plugin has, is refused in one line")
        func badName() async throws {
            let folder = try TemporaryDirectory()
            for name in ["../mine", "/tmp/mine", "Mine", "redis"] {
                let result = try await Command.run(
                    Repository.gateway,
                    ["plugins", "new", name, "--language", "c"],
                    directory: folder.url
                )
                #expect(result.status == 1 && result.standardError.split(separator: "\n").count == 1, "\(name)")
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
        }
    }
}
