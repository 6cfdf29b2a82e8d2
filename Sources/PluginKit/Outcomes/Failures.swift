/// Why an instance cannot be made, as the operator will read it: what is wrong and how to mend it, without secrets.
public struct PluginFailure: Error, Equatable, Sendable {
    /// Which kind of failure it is: one of the errors.
    public var status: Status
    /// One line; what does not fit into 496 bytes is cut.
    public var message: String

    /// - Parameter message: one line without secrets.
    public init(_ status: Status, _ message: String) {
        self.status = status
        self.message = message
    }
}

/// Why a backend did not do what it was asked to do, in words for the operator and without secrets.
public struct BackendFailure: Error, Equatable, Sendable {
    /// Which kind of failure it is: one of the errors.
    public let status: Status
    /// One line.
    public let reason: String

    /// - Parameter reason: one line without secrets.
    public init(_ status: Status, _ reason: String) {
        self.status = status
        self.reason = reason
    }
}
