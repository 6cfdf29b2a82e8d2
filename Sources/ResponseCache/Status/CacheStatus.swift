public import NIOCore
public import Text

/// What the cache did for a request, as `Cache-Status` tells it (RFC 9211).
public struct CacheStatus: Sendable {
    /// Why a request went to the model (RFC 9211 section 2.2).
    public enum Forward: Sendable, Hashable, CaseIterable {
        /// The cache was kept out of it by configuration.
        case bypass
        /// There was no such entry, or none that could be read.
        case miss
        /// The request asked for it.
        case request
        /// The entry was past its time to live.
        case stale
    }

    /// What became of the request.
    public enum Outcome: Sendable, Hashable {
        /// Answered from the cache. Seconds of freshness left, negative for a stale answer, nil for one that never ends.
        case hit(timeToLive: Int64?)
        case forwarded(Forward)
    }

    public var outcome: Outcome
    /// The answer was handed to the backend. Only of a forwarded request.
    public var isStored = false
    /// The request followed another one's way to the model. Only of a forwarded request.
    public var isCollapsed = false
    /// An RFC 8941 token for whoever reads closely, such as `timeout`.
    public var detail: StaticString?

    /// What Cache-Status says; `detail` is a word of the gateway's own.
    public init(_ outcome: Outcome, detail: StaticString? = nil) {
        self.outcome = outcome
        self.detail = detail
    }

    /// Answered from the cache, with so many milliseconds of freshness left. The seconds are rounded down, so that what is past
    /// its time by less than a second has -1.
    public static func hit(remaining: Int64?) -> CacheStatus {
        CacheStatus(.hit(timeToLive: remaining.map { $0 >= 0 ? $0 / 1000 : ($0 + 1) / 1000 - 1 }))
    }

    /// Appends the header's value.
    public func write(to text: inout WireText) {
        switch outcome {
        case .hit(let timeToLive):
            text.write("gateway; hit")
            if let timeToLive {
                text.write("; ttl=")
                text.write(decimal: timeToLive)
            }
        case .forwarded(let reason):
            text.write("gateway; fwd=")
            text.write(reason.token)
            if isStored { text.write("; stored") }
            if isCollapsed { text.write("; collapsed") }
        }
        if let detail {
            text.write("; detail=")
            text.write(detail)
        }
    }

    /// The header's value.
    public var value: String {
        var text = WireText(capacity: 64)
        write(to: &text)
        return text.withBytes { String(decoding: $0, as: UTF8.self) }
    }
}

extension CacheStatus.Forward {
    fileprivate var token: StaticString {
        switch self {
        case .bypass: "bypass"
        case .miss: "miss"
        case .request: "request"
        case .stale: "stale"
        }
    }
}

extension ByteBuffer {
    /// Appends a whole number in decimal, without making a string of it. Such as the value of `Age`.
    public mutating func writeDecimal(_ value: Int64) {
        if value < 0 { writeInteger(UInt8(ascii: "-")) }
        var rest = value.magnitude
        withUnsafeTemporaryAllocation(byteCount: 20, alignment: 1) { digits in
            var start = digits.count
            repeat {
                start -= 1
                digits[start] = UInt8(ascii: "0") + UInt8(rest % 10)
                rest /= 10
            } while rest > 0 && start > 0
            writeBytes(UnsafeRawBufferPointer(rebasing: digits[start...]))
        }
    }
}
