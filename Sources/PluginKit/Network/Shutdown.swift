/// The host's wish to end the instance.
public final class ShutdownRequest {
    /// When the host gives up waiting for it.
    public let deadline: UInt64?
    private var completion: Completion?

    public init(_ operation: PlainOperation) {
        deadline = operation.deadline
        completion = operation.completeLater()
    }

    /// It is done.
    public func finish() { completion.take()?.finish() }
}

/// How an instance comes to rest: nothing new is begun; what is in flight ends, or is given up shortly before time is over;
/// then the host gives back what it still reads. A value without a clock.
public struct ShutdownProgress {
    public enum Step {
        case goOn
        /// Time is nearly over: fail what is in flight, and ask again.
        case giveUp
        /// Something is outstanding of which the I/O thread is not told: ask again then.
        case lookAgain(at: UInt64)
        case done(ShutdownRequest)
    }

    /// What is left of the host's time for its being told, in nanoseconds.
    private static let reserve: UInt64 = 500_000_000
    private static let interval: UInt64 = 5_000_000

    private var request: ShutdownRequest?
    private var nextLook: UInt64 = 0

    public init() {}

    public var isUnderWay: Bool { request != nil }

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
