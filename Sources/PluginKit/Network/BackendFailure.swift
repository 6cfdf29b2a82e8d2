/// Why a backend did not do what it was asked, in words for the operator and without secrets.
public struct BackendFailure: Error, Equatable, Sendable {
    public let status: Status
    public let reason: String

    public init(_ status: Status, _ reason: String) {
        self.status = status
        self.reason = reason
    }
}
