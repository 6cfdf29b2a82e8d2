import Foundation

/// A run of `gateway plugins check --json`.
struct PluginCheck {
    let status: Int32
    let results: [(check: String, result: String, details: [String])]
    /// The line that an author can quote.
    let score: String
    let standardError: String

    static func run(_ plugin: String, _ arguments: [String]) async throws -> PluginCheck {
        let result = try await Command.run(
            Repository.gateway,
            ["plugins", "check", plugin, "--plugin-dir", Repository.plugins.path, "--json"] + arguments
        )
        let json = JSON(Array(result.standardOutput.utf8))
        return PluginCheck(
            status: result.status,
            results: json["results"].array.map { each in
                (
                    each["check"].string ?? "", each["result"].string ?? "",
                    each["details"].array.map { $0.string ?? "" }
                )
            },
            score: json["score"].string ?? "",
            standardError: result.standardError
        )
    }

    /// The checks that neither passed nor were skipped, each with its result.
    var complaints: [String] {
        results.filter { !["PASSED", "SKIPPED"].contains($0.result) }.map { "\($0.result) \($0.check)" }
    }

    /// The checks that were skipped.
    var skipped: [String] { results.filter { $0.result == "SKIPPED" }.map(\.check) }

    /// What is wrong, for a test that fails.
    var explanation: String {
        results.filter { !["PASSED", "SKIPPED"].contains($0.result) }
            .map { "\($0.result) \($0.check): \($0.details)" }.joined(separator: "\n") + standardError
    }
}

/// Plugins in C that break one rule each.
enum OffendingLibrary {
    /// Compiles one into a folder of its own.
    /// - Parameter defines: the macros that change its descriptor, or what happens when it is loaded.
    static func compiled(_ defines: [String] = [], linking: [String] = []) async throws -> TemporaryDirectory {
        let folder = try TemporaryDirectory()
        let result = try await Command.run(
            Command.find("cc"),
            ["-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared", "-fvisibility=hidden", "-pthread"]
                + ["-I", Repository.headers.path] + defines.map { "-D" + $0 }
                + ["Tests/PluginConformanceTests/Plugins/offender.c", "-o", library(in: folder)] + linking
        )
        guard result.status == 0 else { throw HarnessError(result.standardError) }
        return folder
    }

    static func library(in folder: TemporaryDirectory) -> String {
        folder.url.appending(path: "libgateway-cache-offender.so").path
    }
}
