import PluginAPI

/// Which values of a plugin's are read.
struct ReadableValues: Equatable {
    enum Verdict: Equatable {
        case readable
        /// Larger than the host reads.
        case tooLarge
        /// Larger than the plugin itself says that its values are, or NULL with a length: a defect of the plugin.
        case impossible
    }

    /// No value of the plugin's can be larger, in bytes.
    private let possible: UInt64
    /// No larger value is read, in bytes.
    private let largest: UInt64

    /// - Parameters:
    ///   - pluginLimit: the largest value that the plugin stores, in bytes, or nil where it sets no limit.
    ///   - hostLimit: the largest value that the host reads, in bytes.
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
