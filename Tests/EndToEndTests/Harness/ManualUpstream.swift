import NIOCore
import NIOPosix

/// A model provider whose connections the test plays by hand: it reads requests as slowly as it likes, and answers when
/// it likes.
final class ManualUpstream: Sendable {
    let port: Int
    private let listener: any Channel
    private let accepted: Observed<[Accepted]>

    /// A connection that the gateway has opened, and what it receives.
    private struct Accepted: Sendable {
        let channel: any Channel
        let inbox: AsyncStream<[UInt8]>
    }

    /// Starts listening on a free port of the loopback.
    static func start() async throws -> ManualUpstream {
        let accepted = Observed<[Accepted]>([])
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            // Nothing is read before the test wants it.
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                let (stream, continuation) = AsyncStream.makeStream(of: [UInt8].self)
                return channel.pipeline.addHandler(Inbox(continuation)).map {
                    accepted.update { $0.append(Accepted(channel: channel, inbox: stream)) }
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        guard let port = listener.localAddress?.port else { throw HarnessError("the upstream has no port") }
        return ManualUpstream(port, listener, accepted)
    }

    private init(_ port: Int, _ listener: any Channel, _ accepted: Observed<[Accepted]>) {
        self.port = port
        self.listener = listener
        self.accepted = accepted
    }

    deinit { listener.close(promise: nil) }

    /// The connection with that number, counted from 1, once the gateway has opened it. It reads nothing before
    /// `readOn()`.
    func connection(_ number: Int = 1) async throws -> Connection {
        let all = try await accepted.first { $0.count >= number }
        return Connection(all[number - 1].channel, all[number - 1].inbox)
    }
}
