import ArgumentParser
import Configuration
import JSON

extension KeysCommand {
    /// `gateway keys new NAME`: makes a key and prints it, once, with its entry of the configuration.
    struct New: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "new",
            abstract: "Make a key for a tenant.",
            discussion: """
                Prints the key, which is kept nowhere, and its entry for general_settings.keys, which has only the \
                SHA-256 of the key. The key admits its holders once the gateway has read the entry.
                """
        )

        @Argument(help: "The tenant's name.")
        var name: String

        @Option(
            help: "A model that the key is for, '*' for any part of a name; may be repeated, or a list with commas."
        )
        var models: [String] = []

        @Option(
            help:
                "Whose cached answers its holders see: their 'own', or those of the master key and of all 'shared' keys.",
            transform: { text in
                guard let scope = KeySettings.CacheScope(rawValue: text) else {
                    throw ValidationError("It must be 'own' or 'shared'.")
                }
                return scope
            }
        )
        var cacheScope: KeySettings.CacheScope?

        @Option(help: "How many requests a minute it is for.")
        var rpm: Int?

        @Option(help: "How many requests at a time it is for.")
        var maxParallelRequests: Int?

        @Option(help: "When it ends, as 2027-12-31 or 2027-12-31T18:00:00Z.")
        var expires: String?

        func validate() throws {
            guard KeySettings.isName(name), name != KeySettings.masterName else {
                throw ValidationError(
                    "The name must be 1 to \(KeySettings.longestName) letters, digits, '.', '_', '@' or '-', and not "
                        + "'\(KeySettings.masterName)'."
                )
            }
            for (option, number) in [("--rpm", rpm), ("--max-parallel-requests", maxParallelRequests)] {
                if let number, number < 1 { throw ValidationError("\(option) must be at least 1.") }
            }
            if let expires, Expiry(expires) == nil {
                throw ValidationError("--expires must be as 2027-12-31 or 2027-12-31T18:00:00Z.")
            }
        }

        func run() throws {
            let key = try NewKey()
            print("The key of \(name), which is shown only this once:\n\n    \(key.text)\n")
            print("Its entry in the configuration:\n\ngeneral_settings:\n  keys:")
            print("    - name: \(quoted(name))\n      key_sha256: \"\(key.digest)\"")
            let names = models.flatMap { $0.split(separator: ",").map(String.init) }
            if !names.isEmpty { print("      models: [\(names.map(quoted).joined(separator: ", "))]") }
            if let cacheScope { print("      cache_scope: \(cacheScope.rawValue)") }
            if let rpm { print("      rpm: \(rpm)") }
            if let maxParallelRequests { print("      max_parallel_requests: \(maxParallelRequests)") }
            if let expires { print("      expires: \(quoted(expires))") }
        }

        /// A JSON string, which YAML reads as one too.
        private func quoted(_ text: String) -> String { ConfigurationValue.string(text).json }
    }
}
