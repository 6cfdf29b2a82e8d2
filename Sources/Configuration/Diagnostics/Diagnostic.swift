/// One thing to tell the user about a file of theirs. Never holds a value that might be secret.
public struct Diagnostic: Sendable, Hashable {
    /// Whether the configuration can be used in spite of it.
    public enum Severity: Sendable, Hashable {
        /// The gateway does not start with this.
        case error
        /// The gateway starts, but something does not do what it seems to.
        case warning
    }

    /// Whether the configuration can be used in spite of it.
    public let severity: Severity
    /// What in which file is at fault.
    public let position: SourcePosition
    /// A sentence without its full stop, saying what is wrong and how to mend it.
    public let message: String

    /// A diagnostic with a message that says what is wrong and how to mend it, without a secret.
    public init(_ severity: Severity, at position: SourcePosition, _ message: String) {
        self.severity = severity
        self.position = position
        self.message = message
    }

    /// The most errors, and the most warnings, that are reported of one file: who has more has the wrong file.
    static let limit = 100

    /// Whether the configuration cannot be used.
    public var isError: Bool { severity == .error }
}

extension Diagnostic: CustomStringConvertible {
    /// `config.yaml:12:5: unknown key 'modle'; did you mean 'model'?`, as compilers print it.
    public var description: String {
        switch severity {
        case .error: "\(position): \(message)"
        case .warning: "\(position): warning: \(message)"
        }
    }
}
