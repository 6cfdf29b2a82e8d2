/// An error or warning about one configured parameter. The configuration adds the file and the position.
public struct ParameterProblem: Error, Sendable, Equatable {
    /// Whether an instance can still be made.
    public enum Severity: Sendable, Equatable {
        case error
        case warning
    }

    /// The name as configured. For a missing parameter it is the declared name.
    public let parameter: String
    /// Whether it is an error.
    public let severity: Severity
    /// The message, which never contains the value of a secret.
    public let message: String
    /// Whether the name is wrong, and not the value, so that the position is the key's.
    public let isAboutName: Bool

    /// - Parameter message: one sentence without secrets.
    public init(parameter: String, severity: Severity, message: String, isAboutName: Bool) {
        self.parameter = parameter
        self.severity = severity
        self.message = message
        self.isAboutName = isAboutName
    }
}
