import Foundation
import Testing

@Suite("`gateway plugins list` and `describe`", .timeLimit(.minutes(1)))
struct PluginListTests {
    private func list(_ folder: URL, _ more: String...) async throws -> Command.Result {
        try await Command.run(Repository.gateway, ["plugins", "list", "--plugin-dir", folder.path] + more)
    }

    @Test("A line has the type, the version, the vendor, the language, the capabilities and the digest")
    func bundled() async throws {
        let result = try await list(Repository.plugins)
        let lines = result.standardOutput.split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
        #expect(lines.map(\.first) == ["local", "redis", "s3"])
        for line in lines {
            #expect(line.count == 6 && line[3] == "Swift" && line[4].contains("ttl"), "\(line)")
            let file = Repository.plugins.appending(path: "libgateway-cache-\(line[0]).so").path
            let sum = try await Command.run(Command.find("sha256sum"), [file])
            #expect(sum.standardOutput.prefix(64) == line[5])
        }
    }

    @Test(
        "A library that ends or holds its process when it is loaded is a line that says so, and the others are listed",
        arguments: [
            ("AT_LOAD=_exit(3)", "ends the process with status 3"), ("AT_LOAD=raise(SIGSEGV)", "crashes"),
            ("AT_ENTRY=raise(SIGABRT)", "crashes"), ("AT_LOAD=exit(0)", "ends the process with status 0"),
            ("AT_LOAD=pause()", "hangs"),
        ]
    )
    func survives(define: String, says: String) async throws {
        let folder = try await OffendingLibrary.compiled([define])
        try FileManager.default.copyItem(
            at: Repository.plugins.appending(path: "libgateway-cache-local.so"),
            to: folder.url.appending(path: "libgateway-cache-local.so")
        )
        let result = try await list(folder.url)
        let lines = result.standardOutput.split(separator: "\n")
        #expect(result.status == 0 && lines.count == 2, "\(result)")
        #expect(lines.first?.hasPrefix("local\t") == true)
        #expect(lines.last?.hasPrefix("offender\t-\tunusable: ") == true && lines.last?.contains(says) == true)
    }

    @Test("As JSON, the list has the same and the file")
    func json() async throws {
        let folder = try await OffendingLibrary.compiled(["EXTRA_EXPORT"])
        let plugins = JSON(Array(try await list(folder.url, "--json").standardOutput.utf8)).array
        let plugin = try #require(plugins.first)
        #expect(plugins.count == 1 && plugin["type"].string == "offender" && plugin["language"].string == "C")
        #expect(plugin["sha256"].string?.count == 64)
        #expect(plugin["remark"].string?.contains("another_function") == true)
        #expect(plugin["capabilities"].array.map(\.string) == ["ttl", "delete", "flush", "stats"])
    }

    @Test("A description has the language, the digest and the reserved extensions that the plugin offers")
    func describe() async throws {
        let folder = try await OffendingLibrary.compiled(["EXTENSION=sizeof(struct extension)"])
        let result = try await Command.run(
            Repository.gateway,
            ["plugins", "describe", "offender", "--plugin-dir", folder.url.path]
        )
        #expect(result.status == 0)
        for line in ["  language: C", "  extensions: gateway.scan/1", "  threads: concurrent"] {
            #expect(result.standardOutput.contains(line), "\(result.standardOutput)")
        }
        #expect(result.standardOutput.contains(#/  sha256: [0-9a-f]{64}\n/#))
    }

    @Test(
        "Extra exports and an executable stack are warnings when a plugin is loaded",
        arguments: [
            (["EXTRA_EXPORT"], [], "another_function"), ([], ["-z", "execstack"], "makes the stack executable"),
        ]
    )
    func remarks(defines: [String], linking: [String], says: String) async throws {
        let folder = try await OffendingLibrary.compiled(defines, linking: linking)
        let configuration = Configurations.cached("type: offender")
            .replacingOccurrences(of: "UPSTREAM", with: "http://h")
        let checked = try await Checked.check(configuration, plugins: folder.url)
        #expect(checked.status == 0, "\(checked.messages)")
        let isWarned = checked.messages.contains { $0.contains("warning") && $0.contains(says) && $0.contains("P-4") }
        #expect(isWarned, "\(checked.messages)")
    }
}
