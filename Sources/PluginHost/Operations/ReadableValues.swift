import PluginAPI

/// Decides which of a plugin's values are read.
struct ReadableValues: Equatable {
    enum Verdict: Equatable {
        case readable
        /// The value is larger than the host reads.
        case tooLarge
        /// The value is larger than the plugin's own limit, or NULL with a length. This is a defect of the plugin.
        case impossible
    }

    /// The size in bytes that no value of the plugin can exceed.
    private let possible: UInt64
    /// The size in bytes of the largest value that is read.
    private let largest: UInt64

    /// - Parameters:
    ///   - pluginLimit: the size in bytes of the largest value that the plugin stores. It is nil where the plugin sets
    ///     no limit.
    ///   - hostLimit: the size in bytes of the largest value that the host reads.
    init(pluginLimit: Int?, hostLimit: Int) {
        possible = pluginLimit.map { UInt64(clamping: $0) } ?? 1 << 32
        largest = min(possible, UInt64(clamping: hostLimit))
    }

    func verdict(on value: gw_slice) -> Verdict {
        guard value.p != nil || value.n == 0 else { return .impossible }
        if value.n <= largest { return .readable }
        return value.n > possible ? .impossible : .tooLarge
    }
}
