import NIOCore
import Synchronization

/// A deployment's cooldown, shared by the event loops. While nothing fails it costs one atomic load.
final class DeploymentHealth: Sendable {
    private let isTroubled = Atomic<Bool>(false)
    private let cooldown = Mutex(Cooldown())

    /// When its rest ends; nil if it does not rest.
    func restsUntil(now: NIODeadline) -> NIODeadline? {
        guard isTroubled.load(ordering: .relaxed) else { return nil }
        return cooldown.withLock { $0.restsUntil.flatMap { $0 > now ? $0 : nil } }
    }

    /// - Returns: whether it begins to rest for the first time since an answer.
    @discardableResult
    func record(_ failure: Cooldown.Failure, now: NIODeadline) -> Bool {
        cooldown.withLock {
            let hadRested = $0.hasRested
            $0.record(failure, now: now)
            isTroubled.store(true, ordering: .relaxed)
            return $0.hasRested && !hadRested
        }
    }

    /// - Returns: whether it had rested since the answer before.
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
