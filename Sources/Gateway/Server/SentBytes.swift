import Glibc
import NIOCore

extension Channel {
    /// The progress of the bytes that were written to a connection: those in the channel, and for TCP also those in the
    /// system's buffer and on the way to the client. What has left the channel of a Unix socket has reached the client's
    /// system. [on the loop] It costs a system call.
    ///
    /// - Parameter sent: how many bytes were written to the channel.
    func output(sent: Int) -> ConnectionDeadlines.Output {
        let buffered = (try? syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        var output = ConnectionDeadlines.Output(
            acknowledged: UInt64(max(0, sent - buffered)),
            isPending: buffered > 0
        )
        guard let provider = self as? any SocketOptionProvider else { return output }
        let info: EventLoopFuture<TCPInformation> = provider.unsafeGetSocketOption(
            level: .init(rawValue: CInt(IPPROTO_TCP)),
            name: .init(rawValue: CInt(TCP_INFO))
        )
        // The future is complete already, since this runs on the loop.
        info.assumeIsolated().whenSuccess { info in
            output.acknowledged = info.acknowledgedBytes
            output.isPending = output.isPending || info.unacknowledgedSegments > 0 || info.unsentBytes > 0
        }
        return output
    }

    /// Lets a close discard what the client has not received, instead of leaving it to the system for minutes.
    func closeDiscarding() {
        let provider = self as? any SocketOptionProvider
        _ = provider?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
        close(promise: nil)
    }
}

/// The first 152 bytes of `struct tcp_info` in linux/tcp.h, of which glibc's header has fewer. A kernel that has fewer
/// leaves the rest unchanged.
private struct TCPInformation: Sendable {
    private var state: UInt64
    private var times: (UInt64, UInt64)
    /// The fields tcpi_unacked and tcpi_sacked.
    private var segments: UInt64
    private var counters: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64)
    private var rates: (UInt64, UInt64)
    /// The field tcpi_bytes_acked.
    private(set) var acknowledgedBytes: UInt64
    private var received: UInt64
    private var totals: UInt64
    /// The fields tcpi_notsent_bytes and tcpi_min_rtt.
    private var unsent: UInt64

    var unacknowledgedSegments: UInt32 { UInt32(truncatingIfNeeded: UInt64(littleEndian: segments)) }
    var unsentBytes: UInt32 { UInt32(truncatingIfNeeded: UInt64(littleEndian: unsent)) }
}
