import Foundation
import Testing

/// The Python that has the real client packages.
enum Python {
    /// Runs a script and returns the lines that it printed. A script that fails is recorded as an issue of the test.
    static func run(
        _ script: String,
        with python: URL = Repository.python,
        environment: [String: String] = [:],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> [String] {
        let result = try await Command.run(python, ["-c", script], environment: environment)
        #expect(result.status == 0, "\(result.standardError)", sourceLocation: sourceLocation)
        return result.standardOutput.split(separator: "\n").map(String.init)
    }
}
