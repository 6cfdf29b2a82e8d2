public import NIOCore

/// The deployments that serve one model name.
public final class ModelGroup: Sendable {
    /// The name that clients request.
    public let name: String

    /// The `model_name` of its entries. It differs from `name` where it is a pattern that covers the name.
    public let configuredName: String

    /// What the stars of the pattern stand for in the name. It is nil where the entries have this very name, and in the
    /// group that stands for all names that a pattern covers.
    let starValues: [String]?

    /// Whether it was made for one request, for a name that a pattern covers.
    public var isMadeForName: Bool { starValues != nil }

    /// Tells the groups of a process apart. The groups that are made for the names which a pattern covers have the
    /// pattern's. It is of use as long as such a group exists.
    public struct Identity: Sendable, Hashable {
        let directory: ObjectIdentifier
        let position: Int
    }

    /// What tells the group apart from others.
    public var identity: Identity { Identity(directory: ObjectIdentifier(gate.admission), position: gate.group) }

    /// The position of the group in its directory.
    public var position: Int { gate.group }

    /// The deployments that serve the model, in the order of the configuration.
    public let deployments: [Deployment]

    /// A hash of what determines the group's answers, 32 bytes: provider, base URL, model, API version, organization,
    /// extra fields and mock of every deployment. Their order, keys, weights and timeouts make no difference.
    /// The pattern is a part of it, where the name is one.
    public let fingerprint: [UInt8]

    /// How often a failed request is tried again.
    public let numRetries: Int

    /// How long a request may take, with all its attempts.
    public let totalTimeout: TimeAmount

    /// How many of the deployments can be called.
    let usableCount: Int
    private let usableWeight: Double
    /// Whether a deployment is chosen at random by weight alone, without regard to an order or to calls in progress.
    private let isDrawn: Bool
    private let strategy: RoutingStrategy
    /// Admits calls to the deployments.
    let gate: CallGate

    init(
        name: String,
        deployments: [Deployment],
        numRetries: Int,
        strategy: RoutingStrategy = .simpleShuffle,
        gate: CallGate
    ) {
        self.gate = gate
        let usable = deployments.filter(\.isUsable)
        self.strategy = strategy
        self.isDrawn = strategy == .simpleShuffle && Set(deployments.map(\.order)).count < 2
        self.usableCount = usable.count
        self.usableWeight = usable.reduce(0) { $0 + $1.weight }
        self.name = name
        self.configuredName = name
        self.starValues = nil
        self.deployments = deployments
        let fingerprint = Fingerprint.combine(deployments.map(\.fingerprint))
        self.fingerprint = ModelPattern(name) == nil ? fingerprint : Fingerprint.of(pattern: name, fingerprint)
        self.numRetries = max(0, numRetries)
        self.totalTimeout = deployments.map(\.timeout).max() ?? .seconds(600)
    }

    /// The group of a pattern, for one name that the pattern covers. The deployments, their limits and their health are
    /// the pattern's.
    init(_ pattern: ModelGroup, name: String, starValues: [String]) {
        self.name = name
        self.configuredName = pattern.configuredName
        self.starValues = starValues
        self.gate = pattern.gate
        self.usableCount = pattern.usableCount
        self.usableWeight = pattern.usableWeight
        self.isDrawn = pattern.isDrawn
        self.strategy = pattern.strategy
        self.deployments = pattern.deployments
        // The name is a part of each key, so that the pattern's fingerprint is enough to tell two names apart.
        self.fingerprint = pattern.fingerprint
        self.numRetries = pattern.numRetries
        self.totalTimeout = pattern.totalTimeout
    }

    /// The deployment to which a call may go.
    enum Choice: Equatable {
        /// The call goes to the deployment at this position. If its calls are counted, the new one is counted already.
        case deployment(Int)
        /// The call has to wait for one of these deployments, all of which are full.
        case full([Int])
        /// Each deployment has had as many calls as it takes in a minute, and the first of these minutes ends then.
        case limited(until: NIODeadline)
    }

    /// Chooses the deployment to call next, by weight, among those that were not tried yet, do not rest and are not
    /// full. If all of these rest, it is the one whose rest ends first. Once all were tried, they may be tried again.
    func choose(tried: [Int], now: NIODeadline, random: inout some RandomNumberGenerator) -> Choice {
        var refusals = Refusals()
        guard deployments.count > 1 else {
            return take(0, now: now, &refusals) ? .deployment(0) : refusals.choice
        }
        if isDrawn, tried.isEmpty, let index = draw(now: now, random: &random) {
            if take(index, now: now, &refusals) { return .deployment(index) }
        }
        while let index = select(tried: tried, full: refusals.all, now: now, random: &random) {
            if take(index, now: now, &refusals) { return .deployment(index) }
        }
        return refusals.choice
    }

    /// The position of the deployment with that account.
    func position(ofAccount account: String) -> Int? {
        deployments.firstIndex { $0.account.utf8.elementsEqual(account.utf8) }
    }

    /// Chooses a given deployment, unless it takes no more calls.
    func choose(only index: Int, now: NIODeadline) -> Choice {
        var refusals = Refusals()
        return take(index, now: now, &refusals) ? .deployment(index) : refusals.choice
    }

    /// The deployments that take no more calls at present.
    private struct Refusals {
        /// The positions of those that are full, and of those that have had as many calls as they take in a minute.
        var all: [Int] = []
        var full: [Int] = []
        var limitedUntil: NIODeadline?

        /// What a call does that no deployment takes.
        var choice: Choice {
            if full.isEmpty, let limitedUntil { return .limited(until: limitedUntil) }
            return .full(full)
        }
    }

    /// Counts a call to the deployment, unless it takes no more. Of calls that need no connection only the rate is
    /// counted.
    ///
    /// - Returns: false if the deployment takes no more calls.
    private func take(_ index: Int, now: NIODeadline, _ refusals: inout Refusals) -> Bool {
        guard deployments.indices.contains(index) else { return true }
        let deployment = deployments[index]
        if let rate = deployment.rate, let end = rate.take(now: now) {
            refusals.all.append(index)
            refusals.limitedUntil = min(refusals.limitedUntil ?? end, end)
            return false
        }
        guard deployment.isCounted, !gate.admission.take(index, of: gate.group) else { return true }
        deployment.rate?.giveBack()
        refusals.all.append(index)
        refusals.full.append(index)
        return false
    }

    private func select(
        tried: [Int],
        full: [Int],
        now: NIODeadline,
        random: inout some RandomNumberGenerator
    ) -> Int? {
        let calls = strategy == .leastBusy ? gate.admission.calls(of: gate.group) : nil
        let candidates = deployments.indices.map { index in
            let deployment = deployments[index]
            return Selection.Candidate(
                weight: deployment.weight,
                restsUntil: deployment.health.restsUntil(now: now),
                isUsable: deployment.isUsable,
                attempts: tried.count { $0 == index },
                isFull: full.contains(index),
                order: deployment.order,
                calls: calls?[index] ?? 0
            )
        }
        return Selection.choose(candidates, random: &random)
    }

    /// Chooses a deployment at random by weight, without a list of candidates. It is nil where the chosen one rests.
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

    /// Whether the limits count the calls to it, which they do if the calls go over the network.
    var isCounted: Bool {
        if case .network = transport { true } else { false }
    }
}

extension AdmissionState.Group {
    /// - Parameter waitingCalls: how many calls may wait. Where it is nil, it is as many as the deployments take at a
    ///   time.
    init(_ deployments: [Deployment], waitingCalls: Int?) {
        let limits = deployments.map(\.maxParallelRequests)
        let sum = limits.reduce(0) { $0.addingReportingOverflow($1).partialValue }
        self.init(limits: limits, queueLimit: waitingCalls ?? sum)
    }
}
