import NIOCore

/// Admits calls to the deployments of one group.
struct CallGate: Sendable {
    let admission: CallAdmission
    /// The position of the group in `admission`.
    let group: Int
    /// How long a call may wait.
    let longestWait: TimeAmount
}
