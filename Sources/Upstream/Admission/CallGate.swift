import NIOCore

/// How calls to the deployments of one group begin.
struct CallGate: Sendable {
    let admission: CallAdmission
    /// The group's place in it.
    let group: Int
    /// How long a call may wait.
    let longestWait: TimeAmount
}
