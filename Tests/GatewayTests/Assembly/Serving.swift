import Dialects
import Foundation
import Logging
import NIOCore
import NIOPosix
import PluginHost
import Synchronization

@testable import Gateway

/// What a test did not expect.
struct Unexpected: Error, CustomStringConvertible {
    let description: String
}

/// Waits until something is so, for half a minute.
func until(_ what: String, _ isSo: () -> Bool) async throws {
    for _ in 0..<3_000 {
        if isSo() { return }
        try await Task.sleep(for: .milliseconds(10))
    }
    throw Unexpected(description: "not within 30 s: \(what)")
}

/// A gateway in this process, on two event loops and with a cache in memory.
final class Serving: Sendable {
    let gateway: RunningGateway
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    private let folder: String
    private let dialects: DialectTable
    private let plugin: Plugin
    private let listener: Listener
    private let port: Int
    private let closed = Mutex<[Transaction]>([])

    /// A cache plugin and the folder that it is in.
    struct Plugin {
        let type: String
        let folder: String

        /// The bundled cache in memory.
        static let local = Plugin(
            type: "local",
            folder: ProcessInfo.processInfo.environment["GATEWAY_PLUGIN_DIR"] ?? root + "/.build/debug"
        )

        /// Compiles the plugin `alone` into a folder of its own, which stays.
        static func alone(_ defines: String...) throws -> Plugin {
            let folder = NSTemporaryDirectory() + "/alone-" + UUID().uuidString
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let cc = Process()
            cc.executableURL = URL(filePath: "/usr/bin/cc")
            cc.arguments =
                ["-std=c11", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-fvisibility=hidden"]
                + defines.map { "-D" + $0 }
                + [
                    "-I", root + "/Sources/PluginAPI/include", "-o", folder + "/libgateway-cache-alone.so",
                    root + "/Tests/GatewayTests/Assembly/Plugins/alone.c",
                ]
            try cc.run()
            cc.waitUntilExit()
            guard cc.terminationStatus == 0 else { throw Unexpected(description: "cc fails") }
            return Plugin(type: "alone", folder: folder)
        }

        private static let root = #filePath.components(separatedBy: "/Tests/")[0]
    }

    /// - Parameters:
    ///   - models: the deployments of the model `m`.
    ///   - dialects: the API families that are served.
    ///   - plugin: the cache plugin.
    init(_ models: [ModelServer], dialects: DialectTable = .served, plugin: Plugin = .local) throws {
        self.dialects = dialects
        self.plugin = plugin
        folder = NSTemporaryDirectory() + "/serving-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let resources = ServerResources(
            descriptors: .raised(),
            memoryOption: 256 << 20,
            eventLoops: 2,
            log: log,
            limitedLog: LimitedLog(log)
        )
        gateway = try RunningGateway(Self.blueprint(models, dialects, plugin, in: folder), resources, on: group)
        let socket = try ListeningSocket(host: "127.0.0.1", port: 0, isShared: false)
        port = socket.port ?? 0
        listener = try Listener(
            socket.descriptor,
            isInternet: true,
            scope: .everything,
            tls: nil,
            backlog: socket.backlog,
            group: group,
            loops: gateway.loops,
            resources: resources
        )
        _ = try gateway.loops.onEach { [self] loop in
            loop.observers.append(RecordKeeper { [weak self] record in self?.closed.withLock { $0.append(record) } })
        }
    }

    /// The records of the requests that have ended.
    var records: [Transaction] { closed.withLock { $0 } }

    private static func blueprint(
        _ models: [ModelServer],
        _ dialects: DialectTable,
        _ plugin: Plugin,
        _ cache: [String] = [],
        general: [String] = [],
        in folder: String
    ) throws -> Blueprint {
        var text = "model_list:\n"
        for model in models {
            text += "- model_name: m\n  litellm_params:\n    model: openai/\(model.name)\n"
            text += "    api_base: http://127.0.0.1:\(model.port)/v1\n    api_key: k\n"
        }
        text += "litellm_settings:\n  cache: true\n  cache_params:\n    type: \(plugin.type)\n"
        for line in cache { text += "    \(line)\n" }
        if !general.isEmpty { text += "general_settings:\n" }
        for line in general { text += "  \(line)\n" }
        let path = "\(folder)/config.yaml"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return try Blueprint.read(
            from: path,
            environmentFile: nil,
            plugins: PluginDirectory(path: plugin.folder),
            dialects: dialects,
            environment: [:]
        )
    }

    /// Puts another configuration in force.
    ///
    /// - Parameters:
    ///   - models: the deployments of the model `m`.
    ///   - cache: further lines of `cache_params`.
    ///   - general: the lines of `general_settings`.
    func replace(with models: [ModelServer], cache: [String] = [], general: [String] = []) throws {
        try gateway.replace(with: Self.blueprint(models, dialects, plugin, cache, general: general, in: folder))
    }

    /// Asks a question in OpenAI's form and returns the whole answer, head included.
    func ask(_ question: String) async throws -> String {
        let body = #"{"model":"m","messages":[{"role":"user","content":"\#(question)"}]}"#
        return try await post("/v1/chat/completions", body)
    }

    /// Sends a request and returns the whole answer, head included.
    ///
    /// - Parameters:
    ///   - headers: further header lines, each with its end.
    ///   - arrived: is told what has arrived so far.
    func post(
        _ path: String,
        _ body: String,
        headers: String = "",
        arrived: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws -> String {
        let answer = group.any().makePromise(of: String.self)
        let request = ByteBuffer(
            string: "POST \(path) HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\(headers)"
                + "content-length: \(body.utf8.count)\r\n\r\n\(body)"
        )
        ClientBootstrap(group: answer.futureResult.eventLoop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Client(request, arrived, answer))
                }
            }
            .connect(host: "127.0.0.1", port: port)
            .whenFailure { answer.fail($0) }
        return try await answer.futureResult.get()
    }

    func stop() async throws {
        let (gateway, listener) = (gateway, listener)
        try await NIOThreadPool.singleton.runIfActive { listener.close() }
        try await gateway.loops.stop(on: group).get()
        try await gateway.loops.finish(on: group).get()
        try await NIOThreadPool.singleton.runIfActive { gateway.stopBackends() }
        try FileManager.default.removeItem(atPath: folder)
        try await group.shutdownGracefully()
    }

    /// Sends a request and takes everything that comes, until the connection ends.
    private final class Client: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private let request: ByteBuffer
        private let arrived: @Sendable (String) -> Void
        private let answer: EventLoopPromise<String>
        private var text = ""

        init(_ request: ByteBuffer, _ arrived: @escaping @Sendable (String) -> Void, _ answer: EventLoopPromise<String>)
        {
            self.request = request
            self.arrived = arrived
            self.answer = answer
        }

        func channelActive(context: ChannelHandlerContext) {
            context.writeAndFlush(wrapOutboundOut(request), promise: nil)
        }
        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            text += String(buffer: unwrapInboundIn(data))
            arrived(text)
        }
        func channelInactive(context: ChannelHandlerContext) { answer.succeed(text) }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
