import NIOCore
import NIOPosix

/// A client's connection, which sends exactly the bytes it is given and reads answers one by one, or piece by piece.
final class Connection {
    private enum Framing {
        case length(Int)
        case chunked
        case untilClose
    }

    private let channel: any Channel
    private var arriving: AsyncStream<[UInt8]>.AsyncIterator
    private var buffer: ArraySlice<UInt8> = []
    private var framing = Framing.length(0)
    private var isAtEnd = false

    static func open(port: Int) async throws -> Connection {
        try await open { $0.connect(host: "127.0.0.1", port: port) }
    }

    /// Opens a connection to a Unix socket.
    static func open(path: String) async throws -> Connection {
        try await open { $0.connect(unixDomainSocketPath: path) }
    }

    private static func open(
        _ connect: (ClientBootstrap) -> EventLoopFuture<any Channel>
    ) async throws -> Connection {
        let (stream, continuation) = AsyncStream.makeStream(of: [UInt8].self)
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { $0.pipeline.addHandler(Inbox(continuation)) }
        let channel = try await connect(bootstrap).get()
        // A Unix socket has no such option.
        try? await channel.setOption(.socketOption(.tcp_nodelay), value: 1).get()
        return Connection(channel, stream)
    }

    /// Makes a connection of a channel, to whose pipeline `inbox` was added.
    init(_ channel: any Channel, _ inbox: AsyncStream<[UInt8]>) {
        self.channel = channel
        arriving = inbox.makeAsyncIterator()
    }

    deinit { channel.close(promise: nil) }

    func close() async throws { try await channel.close() }

    /// Stops reading from the network, so that the other side cannot send for long.
    func stopReading() async throws { try await channel.setOption(.autoRead, value: false).get() }

    func readOn() async throws { try await channel.setOption(.autoRead, value: true).get() }

    /// Sends bytes unchanged.
    func send(_ text: String) async throws {
        try await channel.writeAndFlush(ByteBuffer(string: text))
    }

    func send(_ bytes: [UInt8]) async throws {
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes))
    }

    /// Sends bytes again and again, as fast as the other side takes them, until the task is cancelled or the connection
    /// ends.
    func send(_ bytes: [UInt8], times: Int) -> (sent: Observed<Int>, task: Task<Void, any Error>) {
        let (channel, sent) = (channel, Observed(0))
        let task = Task {
            for _ in 0..<times {
                try Task.checkCancellation()
                try await channel.writeAndFlush(ByteBuffer(bytes: bytes))
                sent.update { $0 += 1 }
            }
        }
        return (sent, task)
    }

    /// Sends each byte in a packet of its own. The event loop sends them all, so that a busy machine delays only the
    /// first.
    func sendByteByByte(_ text: String) async throws {
        let channel = self.channel
        try await channel.eventLoop.flatSubmit {
            for byte in text.utf8.dropLast() { channel.writeAndFlush(ByteBuffer(bytes: [byte]), promise: nil) }
            return channel.writeAndFlush(ByteBuffer(bytes: text.utf8.suffix(1)))
        }.get()
    }

    /// Reads a whole answer, skipping interim (1xx) answers.
    ///
    /// - Parameter isHead: whether it answers a HEAD request, so that it has no body.
    func readResponse(isHead: Bool = false) async throws -> Response {
        var response = try await readHead()
        while response.status < 200 { response = try await readHead() }
        if isHead { framing = .length(0) }
        while let piece = try await readPiece() { response.body += piece }
        return response
    }

    /// Reads an answer up to its body. Interim answers are returned too.
    func readHead() async throws -> Response {
        let status = try await readLine().split(separator: " ", maxSplits: 2)
        guard status.count >= 2, status[0] == "HTTP/1.1", let code = Int(status[1]) else {
            throw HarnessError("not a status line: \(status.joined(separator: " "))")
        }
        let headers = try await readFields()
        let response = Response(
            status: code,
            reason: status.count > 2 ? String(status[2]) : "",
            headers: headers
        )
        if response["transfer-encoding"]?.lowercased() == "chunked" {
            framing = .chunked
        } else if let length = response["content-length"].flatMap({ Int($0) }) {
            framing = .length(length)
        } else {
            framing = code < 200 || code == 204 || code == 304 ? .length(0) : .untilClose
        }
        return response
    }

    /// Reads a request up to its body, whose pieces `readPiece` returns.
    func readRequestHead() async throws -> (line: String, fields: [String: String]) {
        let line = try await readLine()
        let fields = Dictionary(try await readFields().map { ($0.name.lowercased(), $0.value) }) { first, _ in first }
        framing =
            fields["transfer-encoding"] == "chunked" ? .chunked : .length(Int(fields["content-length"] ?? "") ?? 0)
        return (line, fields)
    }

    private func readFields() async throws -> [(name: String, value: String)] {
        var fields: [(name: String, value: String)] = []
        while case let line = try await readLine(), !line.isEmpty {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { throw HarnessError("not a header line: \(line)") }
            fields.append((String(parts[0]), parts[1].trimmed))
        }
        return fields
    }

    /// The next received piece of the body. It is nil at the body's end.
    func readPiece() async throws -> [UInt8]? {
        switch framing {
        case .length(0):
            return nil
        case .length(let length):
            if buffer.isEmpty, !(await receive()) { throw HarnessError("the connection ended inside a body") }
            let piece = take(min(length, buffer.count))
            framing = .length(length - piece.count)
            return piece
        case .chunked:
            let line = try await readLine()
            guard let size = Int(line.prefix { $0 != ";" }.trimmed, radix: 16) else {
                throw HarnessError("not a chunk size: \(line)")
            }
            let piece = size == 0 ? nil : try await read(size)
            _ = try await readLine()
            if size == 0 { framing = .length(0) }
            return piece
        case .untilClose:
            if buffer.isEmpty, !(await receive()) {
                framing = .length(0)
                return nil
            }
            return take(buffer.count)
        }
    }

    /// Whether the other side has closed the connection with nothing more to read.
    func readEnd() async -> Bool {
        if !buffer.isEmpty { return false }
        return !(await receive())
    }

    /// Whether the other side closes the connection, whatever it sends before.
    func readEndAfterAll() async -> Bool {
        repeat { buffer = [] } while await receive()
        return true
    }

    private func readLine() async throws -> String {
        while true {
            if let newline = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                let line = take(newline - buffer.startIndex + 1).dropLast()
                return String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
            }
            if !(await receive()) { throw HarnessError("the connection ended instead of a line") }
        }
    }

    private func read(_ count: Int) async throws -> [UInt8] {
        while buffer.count < count {
            if !(await receive()) { throw HarnessError("the connection ended inside a chunk") }
        }
        return take(count)
    }

    private func take(_ count: Int) -> [UInt8] {
        defer { buffer = buffer.dropFirst(count) }
        return Array(buffer.prefix(count))
    }

    /// Waits for more bytes. It returns false when there will be none.
    private func receive() async -> Bool {
        guard !isAtEnd, let bytes = await arriving.next() else {
            isAtEnd = true
            return false
        }
        buffer += bytes
        return true
    }
}

/// Passes received bytes to the reader.
final class Inbox: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    private let continuation: AsyncStream<[UInt8]>.Continuation

    init(_ continuation: AsyncStream<[UInt8]>.Continuation) { self.continuation = continuation }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        continuation.yield(Array(unwrapInboundIn(data).readableBytesView))
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed { continuation.finish() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) { continuation.finish() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        continuation.finish()
        context.close(promise: nil)
    }
}
