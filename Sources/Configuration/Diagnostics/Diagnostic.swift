/// One message to the user about a configuration file. It never holds a value that might be secret.
public struct Diagnostic: Sendable, Hashable {
    /// Whether the configuration can be used in spite of the diagnostic.
    public enum Severity: Sendable, Hashable {
        /// The gateway does not start with this configuration.
        case error
        /// The gateway starts, but something does not do what it seems to do.
        case warning
    }

    /// Whether the configuration can be used in spite of the diagnostic.
    public let severity: Severity
    /// The file, and the place in it, that the message is about.
    public let position: SourcePosition
    /// A sentence without its full stop, which says what is wrong and how to correct it.
    public let message: String

    /// Makes a diagnostic. `message` says what is wrong and how to correct it, and holds no secret.
    public init(_ severity: Severity, at position: SourcePosition, _ message: String) {
        self.severity = severity
        self.position = position
        self.message = message
    }

    /// The most errors, and the most warnings, that are reported for one file. A file with more is probably the wrong
    /// file.
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
