import NIOCore
import NIOPosix
import Synchronization

/// A Redis server that answers as a test decides. It answers log-ins and pings itself, unless the test does.
final class ScriptedRedis: Sendable {
    enum Answer: Sendable {
        /// The bytes as sent over the wire.
        case says(String)
        /// The text, followed by this many bytes of zeros, as fast as they are read.
        case goesOn(String, zeros: Int)
        /// The same after a pause.
        case goesOnLater(String, zeros: Int, after: TimeAmount)
        case nothing
    }

    /// Answers a command. It returns nil where Redis is to answer it.
    typealias Script = @Sendable (_ words: [String]) -> Answer?

    private let listener: any Channel
    private let memory: Memory
    let port: Int

    fileprivate final class Memory: Sendable {
        let script: Script
        let calls = Mutex<[[String]]>([])
        let zeros = Atomic<Int>(0)

        init(_ script: @escaping Script) { self.script = script }
    }

    static func start(_ script: @escaping Script) async throws -> ScriptedRedis {
        let memory = Memory(script)
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Conversation(memory))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        guard let port = listener.localAddress?.port else { throw HarnessError("the scripted Redis has no port") }
        return ScriptedRedis(listener, memory, port)
    }

    private init(_ listener: any Channel, _ memory: Memory, _ port: Int) {
        self.listener = listener
        self.memory = memory
        self.port = port
    }

    deinit { listener.close(promise: nil) }

    /// Every command so far.
    var calls: [[String]] { memory.calls.withLock { $0 } }

    /// How many zeros the gateway has read.
    var zerosTaken: Int { memory.zeros.load(ordering: .relaxed) }

    /// One connection, which reads commands and answers each.
    private final class Conversation: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let memory: Memory
        private var received = ByteBuffer()
        private var zerosLeft = 0
        private static let zeros = ByteBuffer(repeating: UInt8(ascii: "0"), count: 256 << 10)

        init(_ memory: Memory) { self.memory = memory }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            received.writeImmutableBuffer(unwrapInboundIn(data))
            while let words = command() {
                memory.calls.withLock { $0.append(words) }
                switch memory.script(words) ?? Self.usual(words) {
                case .says(let text): write(text, context)
                case .goesOn(let text, let zeros):
                    write(text, context)
                    zerosLeft += zeros
                    goOn(context)
                case .goesOnLater(let text, let zeros, let pause):
                    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
                    context.eventLoop.scheduleTask(in: pause) {
                        let (conversation, context) = bound.value
                        conversation.write(text, context)
                        conversation.zerosLeft += zeros
                        conversation.goOn(context)
                    }
                case .nothing: break
                }
            }
        }

        func channelWritabilityChanged(context: ChannelHandlerContext) { goOn(context) }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        private func write(_ text: String, _ context: ChannelHandlerContext) {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
        }

        private func goOn(_ context: ChannelHandlerContext) {
            while zerosLeft > 0, context.channel.isWritable, context.channel.isActive {
                let count = min(zerosLeft, Self.zeros.readableBytes)
                zerosLeft -= count
                let written = context.eventLoop.makePromise(of: Void.self)
                written.futureResult.whenSuccess { [memory] in memory.zeros.add(count, ordering: .relaxed) }
                let piece = Self.zeros.getSlice(at: 0, length: count) ?? ByteBuffer()
                context.writeAndFlush(wrapOutboundOut(piece), promise: written)
            }
        }

        private static func usual(_ words: [String]) -> Answer {
            switch words.first {
            case "PING": .says("+PONG\r\n")
            case "GET": .says("$-1\r\n")
            case "MGET": .says("*\(words.count - 1)\r\n" + String(repeating: "$-1\r\n", count: words.count - 1))
            case "UNLINK", "DEL": .says(":0\r\n")
            default: .says("+OK\r\n")
            }
        }

        /// Removes a command from the front of the received bytes, if it is complete.
        private func command() -> [String]? {
            var rest = received
            guard let count = number("*", &rest) else { return nil }
            var words: [String] = []
            for _ in 0..<count {
                guard let length = number("$", &rest), let word = rest.readString(length: length),
                    rest.readBytes(length: 2) != nil
                else { return nil }
                words.append(word)
            }
            received = rest
            received.discardReadBytes()
            return words
        }

        private func number(_ sign: Character, _ buffer: inout ByteBuffer) -> Int? {
            let view = buffer.readableBytesView
            guard view.first == sign.asciiValue, let end = view.firstIndex(of: 0x0D), view.endIndex - end >= 2 else {
                return nil
            }
            let number = Int(String(decoding: view[(view.startIndex + 1)..<end], as: UTF8.self))
            buffer.moveReaderIndex(to: end + 2)
            return number
        }
    }
}
