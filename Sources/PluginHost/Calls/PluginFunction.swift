import CrashReport

/// A function of a plugin, in the order of `crash_report_functions`.
enum PluginFunction: UInt8, Sendable, CaseIterable {
    case load = 1
    case entry, validate, create, start, get, set, delete, ping, flush, cancel, release, statistics, shutdown, destroy
    case getExtension

    /// The rule that says how long the function may take.
    var rule: String {
        switch self {
        case .cancel, .release, .statistics: "rule T-2"
        default: "its thread model, GW_THREADS_BLOCKING or not"
        }
    }

    /// The name as the interface has it.
    var name: String {
        let names = UnsafeBufferPointer(start: crash_report_functions_start(), count: Int(crash_report_function_count))
        return names[Int(rawValue)].map { String(cString: $0) } ?? "a function"
    }
}
