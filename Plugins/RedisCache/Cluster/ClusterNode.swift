import PluginKit

/// Whom a node tells of its fate. Bound to the I/O thread.
protocol ClusterNodeOwner: AnyObject {
    func isUp(_ node: ClusterNode)
    func isDown(_ node: ClusterNode, _ failure: BackendFailure)
}

/// A node of a cluster: its connections, a breaker of its own, and the operations that it owes an answer. Bound to the I/O
/// thread.
final class ClusterNode: LinkOwner {
    let endpoint: Endpoint
    private let loop: IOLoop
    private weak var owner: (any ClusterNodeOwner)?
    private var breaker = NodeBreaker()
    private lazy var lanes = Lanes(loop, .data, owner: self)
    /// Commands without an answer, by operation, of the operations that the host has not given up.
    private var owed: [UInt64: Int] = [:]
    /// The command that tries whether the node answers again.
    private weak var trial: OperationPart?

    init(_ loop: IOLoop, _ endpoint: Endpoint, owner: any ClusterNodeOwner) {
        self.loop = loop
        self.endpoint = endpoint
        self.owner = owner
    }

    /// Whether it is connected, answers, and does not say that the cluster is down, as one does that was cut off from the
    /// others.
    var isServing: Bool { lanes.lookups.isReady && lanes.writes.isReady && !breaker.isOpen && !saysDown }
    private var saysDown = false

    /// The connection for writes, and for what is asked of every node.
    var writes: Link { lanes.writes }

    /// Connects, if that was never tried.
    func want() { lanes.want() }

    func close(_ failure: BackendFailure) {
        owner = nil
        lanes.close(failure)
    }

    // MARK: Commands

    /// Sends a part of an operation, or fails it at once while the node does not answer.
    /// - Parameter asking: for a key that is on its way to this node.
    func send(_ part: OperationPart, asking: Bool = false) {
        part.node = self
        owed[part.request.id, default: 0] += 1
        let admission = breaker.admit(isLookup: part.isLookup, now: loop.now)
        guard admission != .refuse else {
            let reason = "\(endpoint) does not answer and is left alone for a while"
            return part.failed(BackendFailure(.unavailable, reason))
        }
        if admission == .trial { trial = part }
        lanes.link(for: part.request).send(part, asking: asking)
    }

    /// A part was answered, whether or not anybody waited for that.
    func answered(_ part: OperationPart) {
        settle(part)
        let isTrial = take(trial: part)
        let isInTime = part.isWanted && part.isLookup
        if breaker.answered(isInTime: isInTime, isTrial: isTrial, now: loop.now) { tellIfUp() }
    }

    /// A part was not answered and will not be.
    func failed(_ part: OperationPart) {
        settle(part)
        if take(trial: part) { breaker.trialEnded() }
    }

    /// The host has given an operation up.
    /// - Returns: whether the node owes an answer to it.
    func gaveUp(_ operation: UInt64) -> Bool {
        guard owed.removeValue(forKey: operation) != nil else { return false }
        let isTrial = trial.map { $0.request.id == operation && take(trial: $0) } ?? false
        if breaker.unanswered(isTrial: isTrial, now: loop.now) {
            let reason =
                "\(endpoint) leaves look-ups unanswered; it is left alone until it answers, and its keys go uncached"
            owner?.isDown(self, BackendFailure(.timeout, reason))
        }
        return true
    }

    /// It answers that the cluster serves nothing, as far as it knows.
    func servesNothing(_ failure: BackendFailure) {
        guard !saysDown else { return }
        saysDown = true
        owner?.isDown(self, failure)
    }

    /// It has answered as a node that serves.
    func serves() {
        guard saysDown else { return }
        saysDown = false
        tellIfUp()
    }

    private func settle(_ part: OperationPart) {
        guard let count = owed[part.request.id] else { return }
        owed[part.request.id] = count > 1 ? count - 1 : nil
    }

    private func take(trial part: OperationPart) -> Bool {
        guard trial === part else { return false }
        trial = nil
        return true
    }

    // MARK: The connections

    func locate(_ link: Link, attempt: UInt64) { link.located(.success(endpoint), attempt: attempt) }

    func isReady(_ link: Link) {
        if link === lanes.lookups { breaker.reset() }
        tellIfUp()
    }

    func isLost(_ link: Link, _ failure: BackendFailure) { owner?.isDown(self, failure) }

    private func tellIfUp() { if isServing { owner?.isUp(self) } }
}
