import Foundation

/// A plugin of examples/plugins, built outside the source tree by the first command of its README.
enum ExamplePlugin {
    /// The folder with its library. It is built once for all tests.
    static func built(_ name: String) async throws -> URL { try await builds.folder(name) }

    /// The folder that all of `names` are in, for a gateway that is to find several.
    static func together(_ names: [String]) async throws -> TemporaryDirectory {
        let all = try TemporaryDirectory()
        for name in names {
            let library = "libgateway-cache-\(name).so"
            try await FileManager.default.copyItem(
                at: built(name).appending(path: library),
                to: all.url.appending(path: library)
            )
        }
        return all
    }

    /// Checks it with `gateway plugins check`, in a folder of its own, and returns what was said if it does not pass.
    static func complaints(_ name: String, _ arguments: [String]) async throws -> String? {
        let folder = try TemporaryDirectory()
        let library = try await built(name).appending(path: "libgateway-cache-\(name).so")
        let result = try await Command.run(
            Repository.gateway,
            ["plugins", "check", library.path] + arguments,
            directory: folder.url
        )
        return result.status == 0 ? nil : result.standardOutput + result.standardError
    }

    private static let builds = Builds()

    private actor Builds {
        private var tasks: [String: Task<URL, any Error>] = [:]

        func folder(_ name: String) async throws -> URL {
            let task = tasks[name] ?? Task { try await Self.build(name) }
            tasks[name] = task
            return try await task.value
        }

        /// Copies the sources into a folder that stays, so that cargo and SwiftPM build what has changed.
        private static func build(_ name: String) async throws -> URL {
            let source = Repository.root.appending(path: "examples/plugins/\(name)")
            guard let command = try ShellBlocks.read(source.appending(path: "README.md")).first else {
                throw HarnessError("examples/plugins/\(name)/README.md has no command")
            }
            let folder = Installation.folder.appending(path: name)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try await Installation.run("cp -R '\(source.path)/.' . && rm -f libgateway-cache-*.so", in: folder)
            try await Installation.run(command, in: folder)
            return folder
        }
    }
}
