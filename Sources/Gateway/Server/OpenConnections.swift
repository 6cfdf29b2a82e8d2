import Logging
import NIOCore
import Synchronization

/// The connections of all event loops, counted against the limits, and the log of refusals. The lock is taken when a
/// connection is opened or closed, but not for requests.
final class OpenConnections: Sendable {
    private struct Shared {
        var counts: ConnectionCounts
        var overload = Outage()
        var addressOverload = Outage()
    }

    /// [any thread] The limits, of which the configuration in force decides.
    var limits: ConnectionCounts.Limits {
        get { shared.withLock { $0.counts.limits } }
        set {
            shared.withLock { $0.counts.limits = newValue }
            mostAlive.store(newValue.total + newValue.refusals, ordering: .relaxed)
        }
    }

    /// How many connections may be alive, so that a loop that accepts takes no lock to know it.
    private let mostAlive: Atomic<Int>
    /// The number of connections that were accepted and are not closed, including those over a limit.
    private let alive = Atomic<Int>(0)
    private let shared: Mutex<Shared>
    private let log: Logger
    private let events: EventJournal

    init(limits: ConnectionCounts.Limits, log: Logger, events: EventJournal = EventJournal()) {
        self.mostAlive = Atomic(limits.total + limits.refusals)
        self.shared = Mutex(Shared(counts: ConnectionCounts(limits: limits)))
        self.log = log
        self.events = events
    }

    /// [any thread] How many connections are open, not counting those over a limit.
    var open: Int { shared.withLock { $0.counts.open } }

    /// Whether another connection may be accepted, even if only to be refused.
    var hasRoom: Bool { alive.load(ordering: .relaxed) < mostAlive.load(ordering: .relaxed) }

    /// [on the listener's loop] A connection was accepted.
    func accepted(_ channel: any Channel) {
        alive.wrappingAdd(1, ordering: .relaxed)
        channel.closeFuture.whenComplete { _ in self.alive.wrappingSubtract(1, ordering: .relaxed) }
    }

    /// A connection is open. It is logged when refusals begin and when they are over.
    func open(_ address: ClientAddress, at now: NIODeadline) -> ConnectionCounts.Verdict {
        let (verdict, total, ofAddress, limits) = shared.withLock { shared in
            let limits = shared.counts.limits
            let verdict = shared.counts.open(address)
            let isFull = shared.counts.open >= limits.total
            switch verdict {
            case .admitted:
                return (
                    verdict, shared.overload.succeeded(now: now), shared.addressOverload.succeeded(now: now), limits
                )
            case .refusedAddress: return (verdict, nil, shared.addressOverload.failed(now: now), limits)
            case .refused: return (verdict, shared.overload.failed(now: now), nil, limits)
            case .turnedAway:
                return (
                    verdict, isFull ? shared.overload.failed(now: now) : nil,
                    isFull ? nil : shared.addressOverload.failed(now: now), limits
                )
            }
        }
        tell(total, "connections are refused: \(limits.total) are open, which is max_connections")
        tell(ofAddress, "connections are refused: a client has max_connections_per_address open, \(limits.perAddress)")
        return verdict
    }

    /// - Parameter verdict: the verdict that `open` returned for the connection.
    func close(_ address: ClientAddress, _ verdict: ConnectionCounts.Verdict) {
        shared.withLock { $0.counts.close(address, verdict) }
    }

    private func tell(_ notice: Outage.Notice?, _ began: @autoclosure () -> String) {
        switch notice {
        case .began:
            let text = began()
            log.warning("\(text)")
            events.note(.overload, .warning, text)
        case .ended(let count, let lasted):
            let seconds = lasted.nanoseconds / 1_000_000_000
            let text = "connections are accepted again; \(count) were refused within \(seconds) s"
            log.notice("\(text)")
            events.note(.overload, .recovery, text)
        case nil: break
        }
    }
}
