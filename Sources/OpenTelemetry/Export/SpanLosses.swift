public import NIOCore

/// Counts spans that were lost, and says when that is to be reported: at once, and then once in a while.
public struct SpanLosses: Sendable, Equatable {
    /// The least time between two reports.
    public static let interval = TimeAmount.minutes(1)

    private var count = 0
    private var reason = ""
    private var reported: NIODeadline?

    /// Makes a count of nothing.
    public init() {}

    /// Spans were lost. Of the reasons, the last one is reported.
    public mutating func lost(_ more: Int, _ reason: String) {
        guard more > 0 else { return }
        count += more
        self.reason = reason
    }

    /// What is to be reported now. It is nil where nothing was lost, or that has to wait.
    ///
    /// - Parameter isLast: whether nothing can be reported later.
    public mutating func report(now: NIODeadline, isLast: Bool = false) -> String? {
        guard count > 0 else { return nil }
        if !isLast, let reported, now < reported + Self.interval { return nil }
        defer {
            count = 0
            reported = now
        }
        return "\(count) span\(count == 1 ? " was" : "s were") dropped: \(reason)"
    }
}
