import Foundation

/// A cache in C that keeps nothing, and logs, gives invalid answers or fails as its parameters say.
enum Talkative {
    /// Compiles it into a folder of its own.
    static func compiled() async throws -> TemporaryDirectory {
        let folder = try TemporaryDirectory()
        let result = try await Command.run(
            Command.find("cc"),
            [
                "-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared", "-fvisibility=hidden",
                "-pthread", "-I", Repository.headers.path, "-o",
                folder.url.appending(path: "libgateway-cache-talkative.so").path,
                "Tests/EndToEndTests/Plugins/talkative.c",
            ]
        )
        guard result.status == 0 else { throw HarnessError(result.standardError) }
        return folder
    }
}
