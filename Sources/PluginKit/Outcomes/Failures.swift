/// Why an instance cannot be made: one line for the operator that says what is wrong and how to correct it, without
/// secrets.
public struct PluginFailure: Error, Equatable, Sendable {
    /// The kind of failure, which is one of the errors.
    public var status: Status
    /// One line, which is truncated to 496 bytes.
    public var message: String

    /// - Parameter message: one line without secrets.
    public init(_ status: Status, _ message: String) {
        self.status = status
        self.message = message
    }
}

/// Why a backend did not do what it was asked to do, in words for the operator and without secrets.
public struct BackendFailure: Error, Equatable, Sendable {
    /// The kind of failure, which is one of the errors.
    public let status: Status
    /// The reason in one line.
    public let reason: String

    /// - Parameter reason: one line without secrets.
    public init(_ status: Status, _ reason: String) {
        self.status = status
        self.reason = reason
    }
}
