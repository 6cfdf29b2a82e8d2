import Foundation

/// What plugins are built with, installed as `make install` does it, below a prefix that nothing else is in. Whatever a
/// test builds there sees the header and nothing of the source tree.
enum Installation {
    /// It stays between runs, so that builds in Swift are incremental.
    static let folder = Repository.root.appending(path: ".build/outside")
    static let prefix = folder.appending(path: "prefix")

    /// The environment in which pkg-config finds it.
    static let environment = ProcessInfo.processInfo.environment.filter {
        ["CARGO_HOME", "RUSTUP_HOME"].contains($0.key)
    }
    .merging([
        "PKG_CONFIG_PATH": prefix.appending(path: "lib/pkgconfig").path,
        "HOME": NSHomeDirectory(),
    ]) { $1 }

    private static let made = Task {
        let result = try await Command.run(
            Repository.root.appending(path: "scripts/install.sh"),
            ["install-development", "", prefix.path]
        )
        guard result.status == 0 else { throw HarnessError(result.standardError) }
    }

    /// Returns when it is installed, which the first caller does.
    static func ready() async throws { try await made.value }

    /// Runs lines of a shell in a folder, with the installation in its environment. It throws what the shell said if one
    /// of the lines fails.
    @discardableResult
    static func run(
        _ lines: String,
        in folder: URL,
        environment: [String: String] = [:]
    ) async throws -> Command.Result {
        try await ready()
        let result = try await Command.run(
            Command.find("bash"),
            ["-euo", "pipefail", "-c", lines],
            directory: folder,
            environment: Self.environment.merging(environment) { $1 }
        )
        guard result.status == 0 else {
            throw HarnessError(
                "\(lines)\nended with \(result.status):\n\(result.standardOutput)\(result.standardError)"
            )
        }
        return result
    }
}
