import CallTypes
import Configuration
import Deadlines
import HTTPSyntax
import Logging
import NIOCore
import NIOEmbedded
import Testing

@testable import Gateway

@Suite("A client's connection")
struct ConnectionTests {
    /// Answers as a test decides.
    final class Handler: RequestHandler {
        var answers: (IncomingRequest, Connection) -> Void = { _, connection in connection.answer(json: "{}") }
        var admission = Admission(masterKey: "sk", bodyLimit: 1_000, served: Served.routes.description)
        private(set) var isShutDown = false
        var crossOrigin: CrossOriginRules?

        func admit(_ head: RequestHead, at scope: ListenerScope) -> Result<Transaction.Caller, APIError> {
            admission.admit(head, at: scope)
        }
        func answer(_ request: IncomingRequest, on connection: Connection) { answers(request, connection) }
        func shutDown() { isShutDown = true }
    }

    /// A request that is answered later, or never.
    final class Waiting: Exchange {
        private(set) var isClientGone = false
        func clientGone() { isClientGone = true }
        func clientTakesMore(_ takesMore: Bool) {}
    }

    /// A connection on a channel in memory.
    final class Client {
        let eventLoop = EmbeddedEventLoop()
        let channel: EmbeddedChannel
        let handler = Handler()
        let loop: ServerLoop
        let connection: Connection
        private(set) var records: [Transaction] = []

        init() throws {
            let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let resources = ServerResources(
                descriptors: DescriptorLimit(limit: 1_024, inUse: 64),
                memoryOption: 64 << 20,
                eventLoops: 1,
                log: log,
                limitedLog: LimitedLog(log)
            )
            loop = ServerLoop(
                eventLoop: eventLoop,
                resources: resources,
                deadlines: Deadlines(eventLoop: eventLoop),
                memory: resources.memory.makeAccount(),
                handler: handler,
                limits: ServerLimits(),
                routes: Served.routes
            )
            connection = Connection(loop: loop)
            channel = EmbeddedChannel(handler: connection, loop: eventLoop)
            loop.observers = [RecordKeeper { [unowned self] in records.append($0) }]
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        }

        func send(_ text: String) throws { try channel.writeInbound(ByteBuffer(string: text)) }

        func received() throws -> String {
            var text = ""
            while let bytes = try channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: bytes) }
            return text
        }
    }

    private let get = "GET /v1/models HTTP/1.1\r\nhost: a\r\nauthorization: Bearer sk\r\n"

    @Test("closes the record of a request with its answer, with what was received and sent for it")
    func answered() throws {
        let client = try Client()
        try client.send(get + "\r\n" + get + "\r\n")
        let answers = try client.received()
        #expect(client.records.count == 2)
        #expect(Set(client.records.map(\.id.description)).count == 2)
        for record in client.records {
            #expect(record.route == .models(.openAI) && record.caller == .master && record.status == 200)
            #expect(record.end?.how == .answered)
            #expect(answers.contains("x-request-id: \(record.id)\r\n"))
            #expect(record.sentBytes * 2 == answers.utf8.count)
        }
    }

    @Test("says in every answer which pages of other origins may read it, and nothing where nobody may")
    func crossOrigin() throws {
        let client = try Client()
        let requests = [get, "GET /v1/models HTTP/1.1\r\nhost: a\r\n", "GET /nothing HTTP/1.1\r\nhost: a\r\n"]
        func answers() throws -> [String] {
            try requests.map {
                try client.send($0 + "Origin: https://a.example\r\n\r\n")
                return try client.received()
            }
        }
        #expect(try answers().allSatisfy { !$0.contains("access-control-") && !$0.contains("vary") })
        client.handler.crossOrigin = CrossOriginRules(CrossOriginSettings(origins: .listed(["https://a.example"])))
        client.loop.adopt(client.handler, ServerLimits(), Served.routes)
        #expect(
            try answers().allSatisfy {
                $0.contains("\r\nvary: Origin\r\naccess-control-allow-origin: https://a.example\r\n")
            }
        )
        try client.send(get + "\r\n")
        let without = try client.received()
        #expect(without.contains("vary: Origin\r\n") && !without.contains("access-control-"), "it is not kept")
    }

    @Test("counts the bytes of a body that came for a request")
    func receivedBytes() throws {
        let client = try Client()
        try client.send(
            "POST /v1/embeddings HTTP/1.1\r\nhost: a\r\nauthorization: Bearer sk\r\ncontent-length: 5\r\n\r\nab"
        )
        #expect(client.records.isEmpty)
        try client.send("cde")
        #expect(client.records.map(\.receivedBytes) == [5])
    }

    @Test(
        "closes the record of a request that is refused, and of bytes that are none, once",
        arguments: [
            ("GET /nothing HTTP/1.1\r\nhost: a\r\n\r\n", 404, true),
            ("GET /v1/models HTTP/1.1\r\nhost: a\r\n\r\n", 401, true),
            ("PUT /v1/models HTTP/1.1\r\nhost: a\r\n\r\n", 405, true),
            ("nonsense\r\n\r\n", 400, false), ("GET / HTTP/3.7\r\n\r\n", 505, false),
            (
                "POST /v1/embeddings HTTP/1.1\r\nhost: a\r\nauthorization: Bearer sk\r\ncontent-length: 2000000\r\n\r\n",
                413, true
            ),
        ]
    )
    func refused(request: String, status: Int, isRequest: Bool) throws {
        let client = try Client()
        try client.send(request)
        let answer = try client.received()
        #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
        let record = try #require(client.records.first)
        #expect(client.records.count == 1)
        #expect(record.status == status && record.end?.how == .answered && record.caller == .anonymous)
        #expect(answer.contains("x-request-id: \(record.id)\r\n"))
        #expect(record.sentBytes == answer.utf8.count)
    }

    @Test("closes the record when the client leaves: while it sends, and while it waits")
    func clientGone() throws {
        let sending = try Client()
        try sending.send(
            "POST /v1/embeddings HTTP/1.1\r\nhost: a\r\nauthorization: Bearer sk\r\ncontent-length: 5\r\n\r\nab"
        )
        try sending.channel.close().wait()
        #expect(sending.records.map { $0.end?.how } == [.clientGone])

        let waiting = try Client()
        let exchange = Waiting()
        waiting.handler.answers = { _, connection in connection.attach(exchange) }
        try waiting.send(get + "\r\n")
        #expect(waiting.records.isEmpty)
        try waiting.channel.close().wait()
        #expect(exchange.isClientGone)
        #expect(waiting.records.map { $0.end?.how } == [.clientGone])
        #expect(waiting.records.map(\.status) == [0])
    }

    @Test("closes the record of an answer that is cut off, once, though the client leaves behind it")
    func cutOff() throws {
        let client = try Client()
        client.handler.answers = { _, connection in
            let head = ResponseHead(200, .type("text/plain"), framing: .length(10))
            connection.send(connection.begin(head))
            connection.cutOff()
        }
        try client.send(get + "\r\n")
        try? client.channel.close().wait()
        #expect(client.records.map { $0.end?.how } == [.cutOff])
        #expect(client.records.map(\.status) == [200])
    }

    @Test("has no record for a connection on which nothing comes")
    func idle() throws {
        let client = try Client()
        try client.channel.close().wait()
        #expect(client.records.isEmpty)
    }

    @Test("answers a request that waits with 503 when the gateway is told to end it, and closes its record once")
    func abandoned() throws {
        let client = try Client()
        let exchange = Waiting()
        client.handler.answers = { _, connection in connection.attach(exchange) }
        try client.send(get + "\r\n")
        client.loop.abandon()
        #expect(exchange.isClientGone && client.handler.isShutDown)
        #expect(try client.received().hasPrefix("HTTP/1.1 503 "))
        #expect(client.records.map(\.status) == [503])
    }

    @Test("returns the client's name for its request where that is fit, and one of its own where it is not")
    func requestID() throws {
        let client = try Client()
        try client.send(get + "x-request-id: order-66\r\n\r\n")
        #expect(try client.received().contains("x-request-id: order-66\r\n"))
        #expect(client.records.first?.id == .client("order-66"))
        try client.send(get + "x-request-id: a b\r\n\r\n")
        let answer = try client.received()
        #expect(!answer.contains("a b"))
        guard case .own = client.records.last?.id else { return #expect(Bool(false), "a name of the gateway's own") }
    }

    @Test("keeps the handler that a request began with, though another one answers those that begin later")
    func handler() throws {
        let client = try Client()
        let later = Handler()
        later.answers = { _, connection in connection.answer(json: "\"later\"") }
        client.handler.answers = { _, connection in connection.answer(json: "\"first\"") }
        try client.send(
            "POST /v1/embeddings HTTP/1.1\r\nhost: a\r\nauthorization: Bearer sk\r\ncontent-length: 5\r\n\r\nab"
        )
        client.loop.adopt(later, ServerLimits(), Served.routes)
        try client.send("cde")
        #expect(try client.received().hasSuffix("\"first\""))
        try client.send(get + "\r\n")
        #expect(try client.received().hasSuffix("\"later\""))
    }
}
