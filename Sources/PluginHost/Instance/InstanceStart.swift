public import NIOCore
import PluginAPI
import Synchronization

extension PluginInstance {
    /// [control] Lets the plugin connect. It waits for the plugin's start function, which may leave the rest pending,
    /// but not longer than `Settings.callBudget`.
    ///
    /// Where start fails, the instance is not used: every operation fails at once, and `shutdown` frees it (rule C-3).
    /// - Parameters:
    ///   - budget: how long the plugin may take to connect. A start that takes longer is logged.
    ///   - ended: called once, on any thread, with nil or the failure.
    /// - Throws: `callOverran`, or `interrupted` where the process was asked to stop meanwhile.
    public func start(budget: TimeAmount, ended: @escaping @Sendable (PluginError?) -> Void) throws(PluginError) {
        guard let start = plugin.functions.start else { return ended(nil) }
        let deadline = settings.clock.monotonicNanoseconds() &+ UInt64(clamping: budget.nanoseconds)
        startDeadline.store(deadline, ordering: .relaxed)
        do {
            try control.run(.start, budget: settings.callBudget) { [self] in
                services.control.run(deadline: deadline) {
                    start(cache, $0)
                } ended: { [self] status, detail in
                    startDeadline.store(0, ordering: .relaxed)
                    guard status != GW_OK else { return ended(nil) }
                    let failure = OperationFailure(status: status)
                    let reason = detail.map(services.clean) ?? failure.description
                    breakers.disable("start failed: \(reason)", code: "start_failed")
                    ended(PluginError(.startFailed, path: plugin.path, "\(plugin.title) cannot start: \(reason)"))
                }
            }
        } catch {
            throw PluginError(error, plugin, budget: settings.callBudget)
        }
    }

    /// Logs once that start has not ended by its deadline (rule C-4).
    func checkStart() {
        let deadline = startDeadline.load(ordering: .relaxed)
        guard deadline > 0, settings.clock.monotonicNanoseconds() >= deadline else { return }
        startDeadline.store(0, ordering: .relaxed)
        services.write(.warning, "\(plugin.title) has not ended start by its deadline (rule C-4)")
    }
}
