/// Why an instance cannot be made: one line for the operator that says what is wrong and how to correct it, without
/// secrets.
public struct PluginFailure: Error, Equatable, Sendable {
    /// The kind of failure, which is one of the errors.
    public var status: Status
    /// One line, which is truncated to 496 bytes.
    public var message: String
    /// The parameter at fault, as it is declared. It is nil where none in particular is at fault.
    public var parameter: String?
    /// The time after which trying again may succeed. It is nil where that is not known.
    public var retryAfter: Duration?

    /// Makes a failure.
    /// - Parameters:
    ///   - message: one line without secrets.
    ///   - parameter: the parameter at fault, as it is declared.
    ///   - retryAfter: the time after which trying again may succeed.
    public init(_ status: Status, _ message: String, parameter: String? = nil, retryAfter: Duration? = nil) {
        self.status = status
        self.message = message
        self.parameter = parameter
        self.retryAfter = retryAfter
    }
}

/// Why a backend did not do what it was asked to do, in words for the operator and without secrets.
public struct BackendFailure: Error, Equatable, Sendable {
    /// The kind of failure, which is one of the errors.
    public let status: Status
    /// The reason in one line.
    public let reason: String

    /// Makes a failure.
    /// - Parameter reason: one line without secrets.
    public init(_ status: Status, _ reason: String) {
        self.status = status
        self.reason = reason
    }
}
