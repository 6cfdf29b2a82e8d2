import PluginKit

/// Why a connection or a command failed, in words for the operator and without secrets.
struct LinkFailure: Error, Equatable {
    let status: Status
    let reason: String

    init(_ status: Status, _ reason: String) {
        self.status = status
        self.reason = reason
    }
}
