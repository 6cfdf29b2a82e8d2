public import NIOCore

/// Something that has deadlines.
public protocol Expiring: AnyObject {
    /// [on the loop] A deadline armed with this `reason` has passed. The deadline is disarmed already.
    func deadlinePassed(reason: UInt32)
}

/// The deadlines of one event loop, to a precision of ten milliseconds.
///
/// Arming and disarming cost no timer, no closure and, once warm, no allocation: the loop has one
/// repeating tick, and that only while something is armed. Bound to its event loop: every call is made on it.
public final class Deadlines {
    /// Names an armed deadline. Disarming one that has passed does nothing.
    public struct Token: Hashable {
        let wheel: DeadlineWheel.Token
        let holder: Int
        let serial: UInt64
    }

    private struct Holder {
        // Strong: whoever arms a deadline stays alive until it passes or is disarmed.
        var object: (any Expiring)?
        var reason: UInt32 = 0
        var serial: UInt64 = 0
    }

    /// How late a deadline may be noticed.
    public static let precision: TimeAmount = .milliseconds(10)

    public let eventLoop: any EventLoop
    private let now: () -> NIODeadline
    private var wheel: DeadlineWheel
    private var holders: [Holder] = []
    private var freeHolders: [Int] = []
    private var isTicking = false
    private var lastSerial: UInt64 = 0
    private var expired: [UInt64] = []

    /// - Parameter now: the clock; tests give their own.
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

    /// Arms a deadline: `object.deadlinePassed(reason:)` is called once it has passed, unless disarmed before.
    public func arm(at deadline: NIODeadline, for object: any Expiring, reason: UInt32) -> Token {
        eventLoop.assertInEventLoop()
        if wheel.count == 0 {
            // The wheel stood still while it was empty.
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
        let token = wheel.arm(at: Int64(clamping: deadline.uptimeNanoseconds), payload: UInt64(holder))
        tickWhileArmed()
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
            // It has passed in the tick that is being delivered, and has not had its turn yet.
            holders[token.holder].object = nil
        }
    }

    /// Notices what has passed. The loop's tick calls it; so may a test.
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

    private func tickWhileArmed() {
        guard !isTicking else { return }
        isTicking = true
        eventLoop.assumeIsolated().scheduleTask(in: Self.precision) {
            self.isTicking = false
            self.tick()
            if self.wheel.count > 0 { self.tickWhileArmed() }
        }
    }
}
