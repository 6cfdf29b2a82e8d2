import NIOCore

/// How calls to the deployments of one group begin.
struct CallGate: Sendable {
    let admission: CallAdmission
    /// The group's place in it.
    let group: Int
    /// How long a call may wait.
    let longestWait: TimeAmount
}

extension AdmissionState.Group {
    /// - Parameter waitingCalls: calls that may wait; nil: as many as the deployments take at a time.
    init(_ deployments: [Deployment], waitingCalls: Int?) {
        let limits = deployments.map(\.maxParallelRequests)
        let sum = limits.reduce(0) { $0.addingReportingOverflow($1).partialValue }
        self.init(limits: limits, queueLimit: waitingCalls ?? sum)
    }
}
