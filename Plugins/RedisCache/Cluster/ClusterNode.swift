import PluginKit

/// [I/O thread] The owner of a node, which is notified of the node's state.
protocol ClusterNodeOwner: AnyObject {
    func isUp(_ node: ClusterNode)
    func isDown(_ node: ClusterNode, _ failure: BackendFailure)
}

/// [I/O thread] A node of a cluster: its connections, a breaker of its own, and the operations that await its answers.
final class ClusterNode: MonitoredServer, ConnectionOwner {
    let endpoint: RedisEndpoint
    private let instance: RedisInstance
    private weak var owner: (any ClusterNodeOwner)?
    private var breaker = NodeBreaker()
    private lazy var connections = ServerConnections(instance, .data, owner: self)
    /// The number of unanswered commands, by the operation's id, of operations for which the host still waits.
    private var owed: [UInt64: Int] = [:]
    /// The command that probes whether the node answers again.
    private weak var trial: OperationPart?
    private var saysNothingIsServed = false

    init(_ instance: RedisInstance, _ endpoint: RedisEndpoint, owner: any ClusterNodeOwner) {
        self.instance = instance
        self.endpoint = endpoint
        self.owner = owner
    }

    /// Whether it is connected, answers, and does not report that the cluster is down, as a node does that is
    /// partitioned from the others.
    var isServing: Bool { connections.areReady && !breaker.isOpen && !saysNothingIsServed }

    /// The connection for writes, and for commands that are sent to every node.
    var writes: RedisConnection { connections.writes }

    /// Connects, if that was never tried.
    func want() { connections.want() }

    func close(_ failure: BackendFailure) {
        owner = nil
        connections.close(failure)
    }

    // MARK: Commands

    /// Sends a part of an operation, or fails it at once while the node does not answer.
    /// - Parameter isAsking: whether the part concerns a key that is being moved to this node.
    func send(_ part: OperationPart, isAsking: Bool = false) {
        part.server = self
        owed[part.request.id, default: 0] += 1
        let admission = breaker.admit(isLookup: part.isLookup, now: instance.loop.now)
        guard admission != .refuse else {
            let reason = "\(endpoint) does not answer and is left alone for a while"
            return part.failed(BackendFailure(.unavailable, reason))
        }
        if admission == .trial { trial = part }
        connections.connection(for: part.request).send(part, isAsking: isAsking)
    }

    func answered(_ part: OperationPart) {
        settle(part)
        let isTrial = take(trial: part)
        let isInTime = part.isWanted && part.isLookup
        if breaker.answered(isInTime: isInTime, isTrial: isTrial, now: instance.loop.now) { tellIfUp() }
    }

    func failed(_ part: OperationPart) {
        settle(part)
        if take(trial: part) { breaker.trialEnded() }
    }

    /// The host no longer waits for an operation.
    /// - Returns: whether the node has not answered it.
    func gaveUp(_ operation: UInt64) -> Bool {
        guard owed.removeValue(forKey: operation) != nil else { return false }
        let isTrial = trial.map { $0.request.id == operation && take(trial: $0) } ?? false
        if breaker.unanswered(isTrial: isTrial, now: instance.loop.now) {
            let reason =
                "\(endpoint) leaves look-ups unanswered; it is left alone until it answers, and its keys go uncached"
            owner?.isDown(self, BackendFailure(.timeout, reason))
        }
        return true
    }

    func servesNothing(_ failure: BackendFailure) {
        guard !saysNothingIsServed else { return }
        saysNothingIsServed = true
        owner?.isDown(self, failure)
    }

    func serves() {
        guard saysNothingIsServed else { return }
        saysNothingIsServed = false
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

    func locate(_ connection: RedisConnection, attempt: UInt64) {
        connection.located(.success(endpoint), attempt: attempt)
    }

    func isReady(_ connection: RedisConnection) {
        if connection === connections.lookups { breaker.reset() }
        tellIfUp()
    }

    func isLost(_ connection: RedisConnection, _ failure: BackendFailure) { owner?.isDown(self, failure) }

    private func tellIfUp() { if isServing { owner?.isUp(self) } }
}
