/// The host has asked the instance to shut down.
public final class ShutdownRequest {
    /// When the host gives up waiting for it.
    public let deadline: UInt64?
    private var completion: Completion?

    /// Takes over the promise to complete the operation.
    public init(_ operation: PlainOperation) {
        deadline = operation.deadline
        completion = operation.completeLater()
    }

    /// Tells the host that it is done.
    public func finish() { completion.take()?.finish() }
}

/// How an instance shuts down: nothing new is begun; what is in flight ends, or fails shortly before the host's deadline;
/// then the host releases what it still reads. A value without a clock.
public struct ShutdownProgress {
    /// What to do next.
    public enum Step {
        case goOn
        /// The deadline is near: fail what is in flight, and ask again.
        case giveUp
        /// A lease is outstanding, whose release the I/O thread is not told of: ask again then.
        case lookAgain(at: UInt64)
        case done(ShutdownRequest)
    }

    /// How long before the deadline operations are given up, so that their failures still reach the host, in nanoseconds.
    private static let reserve: UInt64 = 500_000_000
    private static let interval: UInt64 = 5_000_000

    private var request: ShutdownRequest?
    private var nextLook: UInt64 = 0

    public init() {}

    /// Whether the host has asked for it and it is not done.
    public var isUnderWay: Bool { request != nil }

    /// The host asks for it.
    public mutating func begin(_ request: ShutdownRequest) { self.request = request }

    /// - Parameters:
    ///   - inFlight: operations that the host waits for.
    ///   - leases: values that the host still reads.
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
