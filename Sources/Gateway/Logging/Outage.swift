import NIOCore

/// Detects outages from the calls that fail and succeed. An outage is reported once when it begins and once when it is
/// over.
///
/// It is over when a call succeeds after none has failed for a while, since calls that fail and succeed in turn are one
/// outage. The while is 5 s, and twice as long for each outage that follows the one before within five minutes, up to a
/// minute. It has no clock: the caller gives the time.
struct Outage {
    enum Notice: Equatable {
        case began
        case ended(failures: Int, lasted: TimeAmount)
    }

    static let shortestQuiet = TimeAmount.seconds(5)
    static let longestQuiet = TimeAmount.minutes(1)
    static let memory = TimeAmount.minutes(5)

    /// When the outage began. It is nil where there is none.
    private var began: NIODeadline?
    private var lastFailure = NIODeadline.distantPast
    private var failures = 0
    private var quiet = Outage.shortestQuiet
    private var ended: NIODeadline?

    /// Whether an outage has begun and is not over.
    var isOn: Bool { began != nil }

    mutating func failed(now: NIODeadline) -> Notice? {
        lastFailure = now
        guard began == nil else {
            failures += 1
            return nil
        }
        if let ended, now < ended + Self.memory {
            quiet = min(quiet * 2, Self.longestQuiet)
        } else {
            quiet = Self.shortestQuiet
        }
        began = now
        failures = 1
        return .began
    }

    mutating func succeeded(now: NIODeadline) -> Notice? {
        guard let began, now >= lastFailure + quiet else { return nil }
        self.began = nil
        ended = now
        return .ended(failures: failures, lasted: lastFailure - began)
    }
}
