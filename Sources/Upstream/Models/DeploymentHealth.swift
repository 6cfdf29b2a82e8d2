public import NIOCore
import Synchronization

/// A deployment's cooldown, shared by the event loops. While nothing fails it costs one atomic load.
final class DeploymentHealth: Sendable {
    private let isTroubled = Atomic<Bool>(false)
    private let cooldown: Mutex<Cooldown>

    init(_ rules: CooldownRules = CooldownRules()) {
        cooldown = Mutex(Cooldown(rules))
    }

    /// When its rest ends. It is nil where the deployment does not rest.
    func restsUntil(now: NIODeadline) -> NIODeadline? {
        guard isTroubled.load(ordering: .relaxed) else { return nil }
        return cooldown.withLock { $0.restsUntil.flatMap { $0 > now ? $0 : nil } }
    }

    /// Records a failure.
    ///
    /// - Returns: whether the deployment begins to rest for the first time since its last answer.
    @discardableResult
    func record(_ failure: Cooldown.Failure, now: NIODeadline) -> Bool {
        cooldown.withLock {
            let hadRested = $0.hasRested
            $0.record(failure, now: now)
            isTroubled.store(true, ordering: .relaxed)
            return $0.hasRested && !hadRested
        }
    }

    /// Records an answer, which ends a series of failures.
    ///
    /// - Returns: whether the deployment had rested since the answer before.
    @discardableResult
    func recordSuccess() -> Bool {
        guard isTroubled.load(ordering: .relaxed) else { return false }
        return cooldown.withLock {
            let hadRested = $0.hasRested
            $0.recordSuccess()
            isTroubled.store(false, ordering: .relaxed)
            return hadRested
        }
    }
}

extension Deployment {
    /// [any thread] Whether it rests after failures, so that others of its group are called first.
    public func isResting(now: NIODeadline) -> Bool {
        health.restsUntil(now: now) != nil
    }
}
