import Foundation
import Logging
import NIOCore
import NIOPosix
import PluginHost
import Testing

@testable import Gateway

/// A gateway in this process, whose configuration a test replaces while it serves.
@Suite("A configuration that takes the place of another")
struct RunningGatewayTests {
    private struct Lost: Error, CustomStringConvertible {
        let description: String
    }

    /// A gateway on two event loops, with the models that its configuration names.
    private final class Serving: Sendable {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let folder: String
        let gateway: RunningGateway
        let listener: any Channel

        init(_ models: [ModelServer]) throws {
            folder = NSTemporaryDirectory() + "/replaced-" + UUID().uuidString
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let resources = ServerResources(
                limits: ServerLimits(),
                memoryLimit: 256 << 20,
                eventLoops: 2,
                log: log,
                limitedLog: LimitedLog(log)
            )
            gateway = try RunningGateway(Self.blueprint(models, in: folder), resources, on: group)
            listener = try Listener.bind(
                host: "127.0.0.1",
                port: 0,
                group: group,
                loops: gateway.loops,
                resources: resources
            ).channel
        }

        /// What a configuration with one deployment for each model server is.
        static func blueprint(_ models: [ModelServer], in folder: String) throws -> Blueprint {
            var text = "model_list:\n"
            for model in models {
                text += "- model_name: m\n  litellm_params:\n    model: openai/\(model.name)\n"
                text += "    api_base: http://127.0.0.1:\(model.port)/v1\n    api_key: k\n"
            }
            text += "litellm_settings:\n  cache: true\n  cache_params:\n    type: local\n"
            let path = "\(folder)/config.yaml"
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            let root = #filePath.components(separatedBy: "/Tests/")[0]
            let plugins = ProcessInfo.processInfo.environment["GATEWAY_PLUGIN_DIR"] ?? root + "/.build/debug"
            return try Blueprint.drawn(
                from: path,
                environmentFile: nil,
                plugins: PluginDirectory(path: plugins),
                environment: [:]
            )
        }

        func replace(with models: [ModelServer]) throws {
            try gateway.replace(with: Self.blueprint(models, in: folder))
        }

        /// Asks a question and returns the whole answer, head included.
        func ask(_ question: String) async throws -> String {
            let answer = group.any().makePromise(of: String.self)
            let body = #"{"model":"m","messages":[{"role":"user","content":"\#(question)"}]}"#
            let request = ByteBuffer(
                string: "POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\nconnection: close\r\n"
                    + "content-length: \(body.utf8.count)\r\n\r\n\(body)"
            )
            ClientBootstrap(group: answer.futureResult.eventLoop)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(Client(request, answer))
                    }
                }
                .connect(host: "127.0.0.1", port: listener.localAddress?.port ?? 0)
                .whenFailure { answer.fail($0) }
            return try await answer.futureResult.get()
        }

        func stop() async throws {
            try await listener.close().get()
            try await gateway.loops.stop(on: group).get()
            try await gateway.loops.finish(on: group).get()
            let gateway = gateway
            try await NIOThreadPool.singleton.runIfActive { gateway.stopBackend() }
            try FileManager.default.removeItem(atPath: folder)
            try await group.shutdownGracefully()
        }
    }

    /// Sends a request and takes everything that comes, until the connection ends.
    private final class Client: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private let request: ByteBuffer
        private let answer: EventLoopPromise<String>
        private var text = ""

        init(_ request: ByteBuffer, _ answer: EventLoopPromise<String>) {
            self.request = request
            self.answer = answer
        }

        func channelActive(context: ChannelHandlerContext) {
            context.writeAndFlush(wrapOutboundOut(request), promise: nil)
        }
        func channelRead(context: ChannelHandlerContext, data: NIOAny) { text += String(buffer: unwrapInboundIn(data)) }
        func channelInactive(context: ChannelHandlerContext) { answer.succeed(text) }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    /// Waits until something is so.
    private func until(_ what: String, _ isSo: () -> Bool) async throws {
        for _ in 0..<3_000 {
            if isSo() { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw Lost(description: "not within 30 s: \(what)")
    }

    @Test("answers what begins later, while requests and flights that have begun end with the one before")
    func flightsInProgress() async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let (old, new) = (try await ModelServer(name: "old", on: group), try await ModelServer(name: "new", on: group))
        let serving = try Serving([old])
        old.hold()
        let begun = Task {
            try await withThrowingTaskGroup(of: String.self) { tasks in
                for number in 0..<40 { tasks.addTask { try await serving.ask("question \(number < 20 ? 0 : number)") } }
                return try await tasks.reduce(into: []) { $0.append($1) }
            }
        }
        // One call for the twenty that ask the same, and one for each of the others.
        try await until("21 calls at the old model") { old.calls == 21 }
        weak let before = serving.gateway.current
        try await until("all requests in their flights") { before?.flights.count == 21 }
        try serving.replace(with: [new])
        // The same question is another one to the new configuration, whose model is another one.
        #expect(try await serving.ask("question 0").contains("I am new."))
        #expect(before != nil && old.openConnections > 0, "they are needed still")
        old.release()
        let answers = try await begun.value
        #expect(answers.count == 40)
        #expect(answers.allSatisfy { $0.hasPrefix("HTTP/1.1 200 OK\r\n") && $0.contains("I am old.") })
        #expect(answers.filter { $0.contains("; collapsed") }.count == 19)
        #expect(old.calls == 21)
        try await until("the old configuration is let go of") { before == nil }
        try await until("connections to the removed deployment are closed") { old.openConnections == 0 }
        #expect(new.openConnections > 0)
        try await serving.stop()
    }

    @Test("loses no request under load, however often the configuration is replaced")
    func load() async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let models = [try await ModelServer(name: "one", on: group), try await ModelServer(name: "two", on: group)]
        let serving = try Serving([models[0]])
        let clients = Task {
            try await withThrowingTaskGroup(of: Int.self) { tasks in
                for client in 0..<8 {
                    tasks.addTask {
                        var asked = 0
                        while !Task.isCancelled {
                            // Some are hits, some follow others, some are new.
                            let answer = try await serving.ask("question \(client % 2) \(asked / 5)")
                            asked += 1
                            guard answer.hasPrefix("HTTP/1.1 200 OK\r\n"),
                                answer.hasSuffix("\"finish_reason\":\"stop\"}]}")
                            else { throw Lost(description: answer) }
                        }
                        return asked
                    }
                }
                return try await tasks.reduce(0, +)
            }
        }
        for round in 0..<30 {
            try await Task.sleep(for: .milliseconds(30))
            try serving.replace(with: round % 3 == 2 ? models : [models[round % 2]])
        }
        clients.cancel()
        #expect(try await clients.value > 100)
        try await serving.stop()
    }

    @Test("is not put in force where it cannot be made whole")
    func refused() async throws {
        let model = try await ModelServer(name: "one", on: MultiThreadedEventLoopGroup.singleton)
        let serving = try Serving([model])
        let before = serving.gateway.current
        #expect(throws: WrongConfiguration.self) { try serving.replace(with: []) }
        #expect(serving.gateway.current === before)
        #expect(try await serving.ask("still there?").contains("I am one."))
        try await serving.stop()
    }
}
