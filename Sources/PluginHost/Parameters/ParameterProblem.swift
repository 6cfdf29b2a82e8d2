/// Something to say about one configured parameter. The configuration adds the file and the position.
public struct ParameterProblem: Error, Sendable, Equatable {
    /// Whether an instance can be made all the same.
    public enum Severity: Sendable, Equatable {
        case error
        case warning
    }

    /// The name as configured; for a missing parameter, as declared.
    public let parameter: String
    /// Whether it is an error.
    public let severity: Severity
    /// Never has the value of a secret in it.
    public let message: String
    /// Whether the name is at fault (point at the key) and not the value.
    public let isAboutName: Bool

    /// - Parameter message: one sentence without secrets.
    public init(parameter: String, severity: Severity, message: String, isAboutName: Bool) {
        self.parameter = parameter
        self.severity = severity
        self.message = message
        self.isAboutName = isAboutName
    }
}
