import ArgumentParser

/// Why the gateway does not run, in one line.
struct CannotServe: Error, CustomStringConvertible {
    let description: String
    let code: ExitCode

    init(_ description: String, code: ExitCode = .failure) {
        self.description = description
        self.code = code
    }
}
