public import NIOCore

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

    public init(_ outcome: Outcome, detail: StaticString? = nil) {
        self.outcome = outcome
        self.detail = detail
    }

    /// Appends the header's value.
    public func write(into buffer: inout ByteBuffer) {
        switch outcome {
        case .hit(let timeToLive):
            buffer.writeStaticString("gateway; hit")
            if let timeToLive {
                buffer.writeStaticString("; ttl=")
                buffer.writeDecimal(timeToLive)
            }
        case .forwarded(let reason):
            buffer.writeStaticString("gateway; fwd=")
            buffer.writeStaticString(reason.token)
            if isStored { buffer.writeStaticString("; stored") }
            if isCollapsed { buffer.writeStaticString("; collapsed") }
        }
        if let detail {
            buffer.writeStaticString("; detail=")
            buffer.writeStaticString(detail)
        }
    }

    /// The header's value.
    public var value: String {
        var buffer = ByteBuffer()
        write(into: &buffer)
        return String(buffer: buffer)
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
