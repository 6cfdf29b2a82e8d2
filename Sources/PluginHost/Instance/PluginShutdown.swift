import Dispatch
public import NIOCore
import PluginAPI
import Synchronization

extension PluginInstance {
    /// How a shutdown ended.
    public enum ShutdownOutcome: Sendable, Equatable {
        /// The plugin finished its operations, and its memory is freed.
        case destroyed
        /// The plugin did not finish in time. The instance is left as it is until the process ends.
        case leaked(openOperations: [UInt64])
    }

    /// [control] Ends the instance: new operations are refused, those in flight are finished, and the plugin frees its
    /// memory. It blocks for at most `patience`, `budget` and another second, and so is never called on an event loop. Call
    /// it once.
    ///
    /// - Parameters:
    ///   - patience: how long operations in flight have until their deadlines, before the plugin is asked to end. A plugin
    ///     may give up on them then.
    ///   - budget: how long the plugin may take to end.
    public func shutdown(patience: TimeAmount = .zero, budget: TimeAmount) -> ShutdownOutcome {
        let queues = ports.withLock { $0 }
        let (closed, settled) = (Countdown(queues.count), Countdown(queues.count))
        let (idle, finished) = (Countdown(queues.count), Countdown(1))
        for queue in queues {
            queue.onLoop { port in
                closed.arrive()
                port?.close {
                    settled.arrive()
                } whenIdle: {
                    idle.arrive()
                }
            }
        }
        guard closed.wait(until: .now() + Self.interval(budget)) else { return leak(queues) }
        _ = settled.wait(until: .now() + Self.interval(patience))
        let until = DispatchTime.now() + Self.interval(budget)
        let deadline = settings.clock.monotonicNanoseconds() &+ UInt64(max(0, budget.nanoseconds))
        let end = ShutdownEnd()
        let hasStarted = !breakers.lookups.isDisabled
        // An instance whose start has failed is freed without a shutdown (rule C-3).
        if hasStarted {
            do {
                try control.run(.shutdown, budget: Self.rest(until)) { [self] in
                    services.control.run(deadline: deadline) {
                        plugin.functions.shutdown(cache, $0)
                    } ended: { code, _ in
                        end.status.withLock { $0 = code }
                        finished.arrive()
                    }
                }
            } catch {
                services.write(.error, "\(PluginError(error, plugin, budget: budget))")
                return leak(queues)
            }
        } else {
            finished.arrive()
        }
        guard finished.wait(until: until) else { return leak(queues) }
        let code = end.status.withLock { $0 }
        if code != GW_OK {
            services.write(.warning, "\(plugin.title) did not shut down well: \(OperationFailure(status: code))")
        }
        guard idle.wait(until: until) else {
            services.misbehaviour.note(.doneWithOpenOperations)
            return leak(queues)
        }
        if case .blocking(let pool) = gate { pool.stop() }
        do {
            try control.run(.destroy, budget: max(.seconds(1), Self.rest(until))) { [self] in
                plugin.functions.destroy(cache)
            }
        } catch {
            services.write(.error, "\(PluginError(error, plugin, budget: budget))")
            return .leaked(openOperations: [])
        }
        for queue in queues { queue.onLoop { _ in queue.port = nil } }
        return .destroyed
    }

    private static func interval(_ amount: TimeAmount) -> DispatchTimeInterval {
        .nanoseconds(Int(clamping: max(0, amount.nanoseconds)))
    }

    private static func rest(_ end: DispatchTime) -> TimeAmount {
        let (now, end) = (DispatchTime.now().uptimeNanoseconds, end.uptimeNanoseconds)
        return .nanoseconds(Int64(clamping: end > now ? end - now : 0))
    }

    private func leak(_ queues: [CompletionQueue]) -> ShutdownOutcome {
        let open = queues.flatMap(\.openOperations)
        let list = open.prefix(16).map { String($0, radix: 16) }.joined(separator: ", ")
        services.write(
            .error,
            "\(plugin.title) did not finish in time and is left as it is; operations still open: "
                + (open.isEmpty ? "none, but leases or its own shutdown" : "\(open.count) (\(list))")
        )
        return .leaked(openOperations: open)
    }
}

private final class ShutdownEnd: Sendable {
    let status = Mutex<Int32>(GW_OK)
}

/// Waits for a number of events on other threads.
private final class Countdown: Sendable {
    private let left: Mutex<Int>
    private let reached = DispatchSemaphore(value: 0)

    init(_ count: Int) {
        left = Mutex(count)
        if count <= 0 { reached.signal() }
    }

    func arrive() {
        let isLast = left.withLock { left in
            left -= 1
            return left == 0
        }
        if isLast { reached.signal() }
    }

    func wait(until: DispatchTime) -> Bool {
        reached.wait(timeout: until) == .success
    }
}
