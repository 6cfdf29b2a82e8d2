import Foundation

/// The result of `gateway check` for a configuration.
struct Checked {
    let status: Int32
    /// The report of what would run.
    let report: String
    /// The diagnostics and the verdict, one a line, without the path of the file's directory.
    let messages: [String]

    /// Writes a configuration to `config.yaml` and checks it.
    ///
    /// - Parameters:
    ///   - arguments: the arguments after `check`, `--plugin-dir` and the file itself, which is the first positional
    ///     argument.
    ///   - plugins: the plugin directory. If it is nil, the gateway uses its default.
    static func check(
        _ configuration: String,
        _ arguments: String...,
        environment: [String: String] = [:],
        dotEnv: String? = nil,
        plugins: URL? = Repository.plugins
    ) async throws -> Checked {
        let directory = try TemporaryDirectory()
        let file = try directory.write(configuration, to: "config.yaml")
        if let dotEnv { try directory.write(dotEnv, to: ".env") }
        let result = try await Command.run(
            Repository.gateway,
            ["check", file.path] + (plugins.map { ["--plugin-dir", $0.path] } ?? []) + arguments,
            directory: directory.url,
            environment: environment
        )
        let text = result.standardError.replacingOccurrences(
            of: file.path.dropLast("config.yaml".count),
            with: ""
        )
        return Checked(
            status: result.status,
            report: result.standardOutput,
            messages: text.split(separator: "\n").map(String.init)
        )
    }
}
