import NIOCore
import Synchronization

/// Admits calls to models, for all event loops, as `AdmissionState` decides.
final class CallAdmission: Sendable {
    private struct Waiter {
        let eventLoop: any EventLoop
        let granted: @Sendable (Int) -> Void
    }

    private struct Shared {
        var state: AdmissionState
        var waiters: [AdmissionState.Ticket: Waiter] = [:]
    }

    private let shared: Mutex<Shared>

    init(_ state: AdmissionState) {
        shared = Mutex(Shared(state: state))
    }

    /// [any thread] The number of calls in progress, and of calls that wait.
    var counts: (underWay: Int, waiting: Int) {
        shared.withLock { ($0.state.callsUnderWay, $0.state.callsWaiting) }
    }

    /// [any thread] How many calls to each deployment of a group are in progress.
    func calls(of group: Int) -> [Int] {
        shared.withLock { $0.state.calls(of: group) }
    }

    /// Begins a call, which must end with `leave`. It returns false if the deployment is full, so that no call begins.
    func take(_ deployment: Int, of group: Int) -> Bool {
        shared.withLock { $0.state.take(deployment, of: group) }
    }

    /// Queues a call that found these deployments of its group full.
    ///
    /// - Parameter granted: called on `eventLoop` once the turn of the call has come, unless `giveUp` was called in
    ///   time. The call has begun by then.
    func wait(
        for deployments: [Int],
        of group: Int,
        on eventLoop: any EventLoop,
        _ granted: @escaping @Sendable (_ deployment: Int) -> Void
    ) -> AdmissionState.Entry {
        shared.withLock { shared in
            let entry = shared.state.wait(for: deployments, of: group)
            if case .queued(let ticket) = entry {
                shared.waiters[ticket] = Waiter(eventLoop: eventLoop, granted: granted)
            }
            return entry
        }
    }

    /// Takes a call out of the queue. It returns false if the turn of the call has come already, so that `granted` is
    /// about to be called.
    func giveUp(_ ticket: AdmissionState.Ticket, of group: Int) -> Bool {
        shared.withLock { shared in
            guard shared.state.giveUp(ticket, of: group) else { return false }
            shared.waiters[ticket] = nil
            return true
        }
    }

    /// A call has ended.
    func leave(_ deployment: Int, of group: Int) {
        let next = shared.withLock { shared -> (Waiter, Int)? in
            guard let grant = shared.state.leave(deployment, of: group),
                let waiter = shared.waiters.removeValue(forKey: grant.ticket)
            else { return nil }
            return (waiter, grant.deployment)
        }
        guard let (waiter, granted) = next else { return }
        // The call that ended must not be interrupted by the one that begins.
        waiter.eventLoop.execute { waiter.granted(granted) }
    }
}
