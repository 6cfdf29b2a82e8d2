import CrashReport

/// A function of a plugin, in the order of `crash_report_functions`.
enum PluginFunction: UInt8, Sendable, CaseIterable {
    case load = 1
    case entry, validate, create, start, get, set, delete, ping, flush, cancel, release, statistics, shutdown, destroy
    case getExtension

    /// Which plugins may wait in the function, as the end of a sentence about one that does.
    var permission: String {
        switch self {
        case .cancel, .release, .statistics: "no plugin may wait there (rule T-2)"
        default: "only a plugin with GW_THREADS_BLOCKING may wait there (rule T-2)"
        }
    }

    /// The name as the interface has it.
    var name: String {
        let names = UnsafeBufferPointer(start: crash_report_functions_start(), count: Int(crash_report_function_count))
        return names[Int(rawValue)].map { String(cString: $0) } ?? "a function"
    }
}
