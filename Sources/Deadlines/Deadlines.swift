public import NIOCore

/// An object for which deadlines are armed.
public protocol Expiring: AnyObject {
    /// [on the loop] A deadline armed with this `reason` has passed. The deadline is disarmed already.
    func deadlinePassed(reason: UInt32)
}

/// The deadlines of one event loop, to a precision of ten milliseconds.
///
/// Arming and disarming need no timer, no closure and, after a while, no allocation. The loop has one timer, for the
/// earliest deadline, and none while nothing is armed. The timer is moved only when an earlier deadline is armed, so
/// that deadlines that are disarmed in time cost hardly anything. Every call is made on the event loop.
public final class Deadlines {
    /// Names an armed deadline. Disarming one that has passed does nothing.
    public struct Token: Hashable {
        let wheel: DeadlineWheel.Token
        let holder: Int
        let serial: UInt64
    }

    private struct Holder {
        // The reference is strong, so that the object lives until its deadline passes or is disarmed.
        var object: (any Expiring)?
        var reason: UInt32 = 0
        var serial: UInt64 = 0
    }

    /// How late a deadline may be noticed.
    public static let precision: TimeAmount = .milliseconds(10)

    /// The loop on which everything here is called.
    public let eventLoop: any EventLoop
    private let now: () -> NIODeadline
    private var wheel: DeadlineWheel
    private var holders: [Holder] = []
    private var freeHolders: [Int] = []
    /// The timer, and the time at which it fires in nanoseconds.
    private var timer: (task: Scheduled<Void>, fires: Int64)?
    private var lastSerial: UInt64 = 0
    private var expired: [UInt64] = []

    /// - Parameter now: the clock, which tests replace by their own.
    public init(eventLoop: any EventLoop, now: @escaping () -> NIODeadline = { .now() }) {
        self.eventLoop = eventLoop
        self.now = now
        self.wheel = DeadlineWheel(
            tickNanoseconds: Self.precision.nanoseconds,
            now: Int64(clamping: now().uptimeNanoseconds)
        )
    }

    /// How many deadlines are armed.
    public var count: Int { wheel.count }

    /// Arms a deadline: `object.deadlinePassed(reason:)` is called once it has passed, unless it is disarmed before.
    public func arm(at deadline: NIODeadline, for object: any Expiring, reason: UInt32) -> Token {
        eventLoop.assertInEventLoop()
        if wheel.count == 0 {
            // The wheel was not advanced while it was empty.
            wheel.advance(to: Int64(clamping: now().uptimeNanoseconds), expired: &expired)
        }
        let holder: Int
        if let reused = freeHolders.popLast() {
            holder = reused
        } else {
            holder = holders.count
            holders.append(Holder())
        }
        lastSerial += 1
        holders[holder] = Holder(object: object, reason: reason, serial: lastSerial)
        let due = Int64(clamping: deadline.uptimeNanoseconds)
        let token = wheel.arm(at: due, payload: UInt64(holder))
        if timer.map({ due < $0.fires }) ?? true { setTimer() }
        return Token(wheel: token, holder: holder, serial: lastSerial)
    }

    /// Arms a deadline that is `delay` from now.
    public func arm(after delay: TimeAmount, for object: any Expiring, reason: UInt32) -> Token {
        arm(at: now() + delay, for: object, reason: reason)
    }

    /// Disarms a deadline.
    public func disarm(_ token: Token) {
        eventLoop.assertInEventLoop()
        if wheel.disarm(token.wheel) {
            release(holder: token.holder)
        } else if holders[token.holder].serial == token.serial {
            // The deadline has passed in the tick that is being delivered, but its object has not been called yet.
            holders[token.holder].object = nil
        }
    }

    /// Calls the objects whose deadlines have passed. It is called by the timer, and by tests that move their own
    /// clock.
    public func tick() {
        eventLoop.assertInEventLoop()
        var passed: [UInt64] = []
        swap(&passed, &expired)
        wheel.advance(to: Int64(clamping: now().uptimeNanoseconds), expired: &passed)
        for payload in passed {
            let holder = Int(payload)
            let (object, reason) = (holders[holder].object, holders[holder].reason)
            release(holder: holder)
            object?.deadlinePassed(reason: reason)
        }
        passed.removeAll(keepingCapacity: true)
        swap(&passed, &expired)
    }

    private func release(holder: Int) {
        holders[holder] = Holder()
        freeHolders.append(holder)
    }

    /// Sets the timer for the time at which the wheel must be advanced next.
    private func setTimer() {
        timer?.task.cancel()
        timer = nil
        guard let next = wheel.nextLook else { return }
        let delay = max(0, next - Int64(clamping: now().uptimeNanoseconds))
        let task = eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(delay)) {
            self.timer = nil
            self.tick()
            // A deadline that was armed during the tick may have set the timer already.
            if self.timer == nil { self.setTimer() }
        }
        timer = (task, next)
    }
}
