public import NIOCore

extension Deployment {
    /// [any-thread] Whether it rests after failures: others of its group are called first.
    public func isResting(now: NIODeadline) -> Bool {
        health.restsUntil(now: now) != nil
    }
}
