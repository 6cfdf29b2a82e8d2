import Dispatch
import Glibc
import Logging
import NIOCore

/// The end of a serving gateway, in order: it is unready, then no connection is accepted, then requests finish, then
/// the cache backend has what was to be stored and ends. See docs/operating.md.
struct StopSequence {
    let gateway: RunningGateway
    let group: any EventLoopGroup
    let listeners: Listeners
    let output: ServingLog
    let service: ServiceNotifier
    let options: StopOptions
    let pidFile: PIDFile?

    /// [main thread] Stops the gateway and ends the process.
    func run() -> Never {
        service.notify(.stopping)
        gateway.resources.events.note(.stop, .notice, "the gateway is stopping: requests in progress finish")
        gateway.loops.forEach { $0.becomeUnready() }
        let limits = gateway.current.limits
        serveOn(for: options.delay(limits))
        let end = NIODeadline.now() + options.timeout(limits)
        let cutOff = cutOff(after: options.timeout(limits))
        listeners.close(on: gateway.loops)
        gateway.drain(on: group, within: max(.zero, end - .now()))
        cutOff.cancel()
        _ = try? gateway.loops.onEach { loop in for observer in loop.observers { observer.settle() } }
        gateway.stopBackends()
        gateway.resources.observation.tracing?.stop()
        pidFile?.remove()
        gateway.resources.limitedLog.reportOmitted(isLast: true)
        output.logger.notice("stopped")
        output.flush()
        // Plugins are never unloaded and the exit handlers of their libraries are not to be trusted, so the process
        // exits directly.
        _exit(0)
    }

    /// Gives load balancers time to see that the gateway is no longer ready.
    private func serveOn(for delay: TimeAmount) {
        guard delay > .zero else { return }
        output.logger.notice("serving on for \(delay.nanoseconds / 1_000_000) ms; /health/readiness answers 503")
        _ = DispatchSemaphore(value: 0).wait(timeout: .now() + .nanoseconds(Int(clamping: delay.nanoseconds)))
    }

    /// How long an event loop may take to answer after the drain.
    private static let graceOfHeldLoops = DispatchTimeInterval.seconds(1)

    /// Ends the process after `limit` if an event loop does not answer then: one that a plugin holds can neither be
    /// drained nor stopped. The caller cancels it when the drain is over.
    private func cutOff(after limit: TimeAmount) -> DispatchWorkItem {
        let item = DispatchWorkItem { [loops = gateway.loops, output] in
            let answers = DispatchGroup()
            loops.forEachEntering(answers)
            guard answers.wait(timeout: .now() + Self.graceOfHeldLoops) == .timedOut else { return }
            output.logger.error(
                "an event loop does not respond, and the gateway stops without it; its requests are lost"
            )
            output.flush()
            _exit(1)
        }
        let nanoseconds = Int(clamping: limit.nanoseconds)
        DispatchQueue.global().asyncAfter(deadline: .now() + .nanoseconds(nanoseconds), execute: item)
        return item
    }
}
