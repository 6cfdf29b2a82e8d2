/// A request of the host to shut the instance down.
public final class ShutdownRequest {
    /// The time at which the host stops waiting for the shutdown. It is nil where it waits for ever.
    public let deadline: UInt64?
    private var completion: Completion?

    /// Takes over the promise to complete the operation.
    public init(_ operation: PlainOperation) {
        deadline = operation.deadline
        completion = operation.completeLater()
    }

    /// Completes the shutdown for the host.
    public func finish() { completion.take()?.finish() }
}

/// The stages of an instance's shutdown: no operation is begun; those in flight end, or fail shortly before the host's
/// deadline; then the host releases the values that it still reads. It has no clock.
public struct ShutdownProgress {
    /// What to do next.
    public enum Step {
        /// There is no shutdown, or it has to wait.
        case goOn
        /// The deadline is near: fail the operations in flight, and call `step` again.
        case giveUp
        /// A lease is outstanding, and the I/O thread is not notified of its release: call `step` again at that time.
        case lookAgain(at: UInt64)
        /// All has ended: complete the request.
        case done(ShutdownRequest)
    }

    /// How long before the deadline operations are failed, in nanoseconds, so that their failures still reach the host.
    private static let reserve: UInt64 = 500_000_000
    private static let interval: UInt64 = 5_000_000

    private var request: ShutdownRequest?
    private var nextLook: UInt64 = 0

    /// Starts without a request.
    public init() {}

    /// Whether the host has requested a shutdown that is not done.
    public var isUnderWay: Bool { request != nil }

    /// The host has requested the shutdown.
    public mutating func begin(_ request: ShutdownRequest) { self.request = request }

    /// - Parameters:
    ///   - inFlight: the number of operations that the host waits for.
    ///   - leases: the number of values that the host still reads.
    public mutating func step(now: UInt64, inFlight: Int, leases: Int) -> Step {
        guard let request else { return .goOn }
        if inFlight > 0, let deadline = request.deadline, now &+ Self.reserve >= deadline { return .giveUp }
        guard inFlight > 0 || leases > 0 else {
            self.request = nil
            return .done(request)
        }
        guard nextLook <= now else { return .goOn }
        nextLook = now &+ Self.interval
        return .lookAgain(at: nextLook)
    }
}
