/// Something to say about one configured parameter. The configuration adds the file and the position.
public struct ParameterProblem: Error, Sendable, Equatable {
    public enum Severity: Sendable, Equatable {
        case error
        case warning
    }

    /// The name as configured; for a missing parameter, as declared.
    public let parameter: String
    public let severity: Severity
    /// Never has the value of a secret in it.
    public let message: String
    /// Whether the name is at fault (point at the key) and not the value.
    public let isAboutName: Bool

    public init(parameter: String, severity: Severity, message: String, isAboutName: Bool) {
        self.parameter = parameter
        self.severity = severity
        self.message = message
        self.isAboutName = isAboutName
    }
}
