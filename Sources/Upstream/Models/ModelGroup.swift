public import NIOCore

/// The deployments that answer for one model name.
public final class ModelGroup: Sendable {
    /// The name that clients ask for.
    public let name: String

    /// Where it stands among the groups of its directory.
    public var position: Int { gate.group }

    /// Those that answer for the model, in the order of the configuration.
    public let deployments: [Deployment]

    /// What determines the group's answers: provider, base URL, model, API version, organization, extra
    /// fields and mock of every deployment, in any order; not keys, weights or timeouts. 32 bytes.
    public let fingerprint: [UInt8]

    /// How often a request is tried again.
    public let numRetries: Int

    /// The longest that a request may take, all its attempts together.
    public let totalTimeout: TimeAmount

    /// How many of the deployments can be called.
    let usableCount: Int
    private let usableWeight: Double
    /// How calls to the deployments begin.
    let gate: CallGate

    init(name: String, deployments: [Deployment], numRetries: Int, gate: CallGate) {
        self.gate = gate
        let usable = deployments.filter(\.isUsable)
        self.usableCount = usable.count
        self.usableWeight = usable.reduce(0) { $0 + $1.weight }
        self.name = name
        self.deployments = deployments
        self.fingerprint = Fingerprint.combine(deployments.map(\.fingerprint))
        self.numRetries = max(0, numRetries)
        self.totalTimeout = deployments.map(\.timeout).max() ?? .seconds(600)
    }

    /// Where a call may go.
    enum Choice: Equatable {
        /// To the deployment at this position. Where its calls are counted, this one has begun.
        case deployment(Int)
        /// These would take it, and are full.
        case full([Int])
    }

    /// The position of the deployment to call next: one of those not yet tried, by weight, that does not
    /// rest and is not full; of the others the one whose rest ends first. Once all were tried they may be tried again.
    func choose(tried: [Int], now: NIODeadline, random: inout some RandomNumberGenerator) -> Choice {
        guard deployments.count > 1 else { return take(0) ? .deployment(0) : .full([0]) }
        var full: [Int] = []
        if tried.isEmpty, let index = draw(now: now, random: &random) {
            if take(index) { return .deployment(index) }
            full.append(index)
        }
        while let index = select(tried: tried, full: full, now: now, random: &random) {
            if take(index) { return .deployment(index) }
            full.append(index)
        }
        return .full(full)
    }

    /// Whether a call may begin, which it does by this. Those that need no connection always may.
    private func take(_ index: Int) -> Bool {
        guard deployments.indices.contains(index), deployments[index].isCounted else { return true }
        return gate.admission.take(index, of: gate.group)
    }

    private func select(
        tried: [Int],
        full: [Int],
        now: NIODeadline,
        random: inout some RandomNumberGenerator
    ) -> Int? {
        let candidates = deployments.indices.map { index in
            let deployment = deployments[index]
            return Selection.Candidate(
                weight: deployment.weight,
                restsUntil: deployment.health.restsUntil(now: now),
                isUsable: deployment.isUsable,
                attempts: tried.count { $0 == index },
                isFull: full.contains(index)
            )
        }
        return Selection.choose(candidates, random: &random)
    }

    /// The common case, in which whoever is drawn is well, without a list of candidates.
    private func draw(now: NIODeadline, random: inout some RandomNumberGenerator) -> Int? {
        guard usableWeight > 0, usableWeight.isFinite else { return nil }
        var ticket = Double.random(in: 0..<usableWeight, using: &random)
        for (index, deployment) in deployments.enumerated() where deployment.isUsable {
            if ticket < deployment.weight {
                return deployment.health.restsUntil(now: now) == nil ? index : nil
            }
            ticket -= deployment.weight
        }
        return nil
    }
}

extension Deployment {
    /// Whether its configuration lets it be called.
    public var isUsable: Bool {
        if case .unusable = transport { false } else { true }
    }

    /// Whether calls to it take part in the limits: those that go over the network.
    var isCounted: Bool {
        if case .network = transport { true } else { false }
    }
}

extension AdmissionState.Group {
    /// - Parameter waitingCalls: calls that may wait; nil: as many as the deployments take at a time.
    init(_ deployments: [Deployment], waitingCalls: Int?) {
        let limits = deployments.map(\.maxParallelRequests)
        let sum = limits.reduce(0) { $0.addingReportingOverflow($1).partialValue }
        self.init(limits: limits, queueLimit: waitingCalls ?? sum)
    }
}
