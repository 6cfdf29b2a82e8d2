import PluginKit
import Synchronization

/// [I/O thread] The owner of a connection, which is notified of its state.
protocol ConnectionOwner: AnyObject {
    /// Finds out the server for a connection. It answers with `RedisConnection.located`, at once or later.
    func locate(_ connection: RedisConnection, attempt: UInt64)
    func isReady(_ connection: RedisConnection)
    /// The connection is lost. Its commands have failed already.
    func isLost(_ connection: RedisConnection, _ failure: BackendFailure)
}

/// [I/O thread] A connection to a server, made again whenever it is lost, over which commands are pipelined. It
/// performs on a socket what its parts decide: `ConnectionLifecycle`, `Destination`, `Handshake`, `SendQueue`,
/// `Pipeline`.
final class RedisConnection: DrivenConnection {
    /// How many bytes are read before other connections and the host are served.
    private static let mostRead = 1 << 20

    let id: UInt64
    private let instance: RedisInstance
    private let purpose: Login.Purpose
    private weak var owner: (any ConnectionOwner)?
    private var lifecycle: ConnectionLifecycle
    private var destination = Destination()
    private var socket: Socket?
    private var transport: (any Transport)?
    private var handshake: Handshake
    private var reader = ReplyReader()
    private var output = SendQueue()
    private var pipeline = Pipeline()
    private var lastFailure = BackendFailure(.unavailable, "there is no connection yet")

    /// Makes a connection, which connects when it is first needed.
    init(_ instance: RedisInstance, _ purpose: Login.Purpose, owner: any ConnectionOwner) {
        self.instance = instance
        self.purpose = purpose
        self.owner = owner
        lifecycle = ConnectionLifecycle(connectTimeout: instance.settings.connectTimeout)
        handshake = Handshake(usesTLS: instance.tls != nil)
        id = instance.loop.connections.nextID()
        instance.loop.connections.add(self)
    }

    private var loop: IOLoop { instance.loop }

    /// The server. It is nil where it is not known yet.
    var endpoint: RedisEndpoint? { destination.endpoint }

    /// The name of the server in messages.
    var name: String { destination.name }

    var isReady: Bool { lifecycle.state == .ready }

    /// Since when an answer of the server is awaited, to a command or to the attempt to connect, in nanoseconds.
    var waitingSince: UInt64? { lifecycle.connectingSince ?? pipeline.waitingSince }

    var deadline: UInt64? {
        guard isReady else { return lifecycle.deadline }
        return pipeline.waitingSince.map { $0 &+ instance.settings.answerTimeout }
    }

    // MARK: Commands

    /// Connects, if that was never tried.
    func want() { perform(lifecycle.wanted()) }

    /// Sends a command as soon as there is a connection. It fails the command at once while there can be none.
    /// - Parameter isAsking: whether the command concerns a key that is being moved to this node of a cluster.
    func send(_ command: any Command, isAsking: Bool = false) {
        perform(lifecycle.wanted())
        guard lifecycle.takesCommands else { return command.failed(lastFailure) }
        guard isReady else { return pipeline.hold(command, isAsking: isAsking) }
        write(command, isAsking: isAsking)
    }

    private func write(_ command: any Command, isAsking: Bool) {
        guard command.isWanted else { return command.failed(BackendFailure(.cancelled, "nobody waits any more")) }
        guard !output.isFull else {
            return command.failed(BackendFailure(.busy, "\(name) is too slow for what it is sent"))
        }
        output.append { buffer in
            if isAsking {
                buffer.command(1)
                buffer.argument("ASKING" as StaticString)
            }
            command.encode(into: &buffer)
        }
        pipeline.append(command, isAfterAsking: isAsking, at: loop.now)
        if output.requestFlush() { loop.connections.flushLater(self) }
    }

    // MARK: The life of the connection

    /// Receives the answer to `ConnectionOwner.locate`.
    func located(_ result: Result<RedisEndpoint, BackendFailure>, attempt: UInt64) {
        guard attempt == lifecycle.attempt else { return }
        switch result {
        case .success(let endpoint):
            destination.endpoint = endpoint
            perform(lifecycle.located(now: loop.now))
        case .failure(let failure): lose(failure)
        }
    }

    /// Closes the socket and, unless the connection is closed for good, connects again later.
    func lose(_ failure: BackendFailure) {
        lastFailure = failure
        perform(lifecycle.lost(now: loop.now, jitter: Double.random(in: 0..<1)))
    }

    private func loseContact(_ reason: String) {
        let reason = "the connection to \(name) was lost: \(reason)\(handshake.suspicion)"
        lose(BackendFailure(.unavailable, reason))
    }

    /// Closes the connection for good.
    func close(_ failure: BackendFailure) {
        lastFailure = failure
        owner = nil
        perform(lifecycle.close())
        loop.connections.remove(self)
    }

    func deadlineReached() {
        if isReady, let deadline, deadline <= loop.now {
            let seconds = Double(instance.settings.answerTimeout / 1_000_000) / 1000
            return lose(BackendFailure(.timeout, "\(name) has not answered for \(seconds) s"))
        }
        perform(lifecycle.due(now: loop.now))
    }

    private func perform(_ action: ConnectionLifecycle.Action) {
        switch action {
        case .none: break
        case .locate: owner?.locate(self, attempt: lifecycle.attempt)
        case .connect: resolve()
        case .giveUp:
            let reason = "\(name) cannot be reached: connecting took too long\(handshake.suspicion)"
            lose(BackendFailure(.unavailable, reason))
        case .drop: drop()
        }
    }

    private func drop() {
        closeSocket()
        transport = nil
        handshake = Handshake(usesTLS: instance.tls != nil)
        destination.setAddresses([])
        reader = ReplyReader()
        output.clear()
        for command in pipeline.removeAll() { command.failed(lastFailure) }
        owner?.isLost(self, lastFailure)
    }

    private func closeSocket() {
        guard let socket = socket.take() else { return }
        loop.poller.remove(socket)
        socket.close()
    }

    // MARK: Connecting

    private func resolve() {
        let attempt = lifecycle.attempt
        switch destination.resolution {
        case .known(let addresses): resolved(.success(addresses), attempt: attempt)
        case .name(let host, let port): loop.resolver.resolve(host: host, port: port, for: id, attempt: attempt)
        case .impossible(let failure): lose(failure)
        }
    }

    func resolved(_ result: Result<[SocketAddress], BackendFailure>, attempt: UInt64) {
        guard attempt == lifecycle.attempt, case .connecting = lifecycle.state, socket == nil else { return }
        switch result {
        case .success(let addresses):
            destination.setAddresses(addresses)
            connect()
        case .failure(let failure): lose(failure)
        }
    }

    /// Tries the next address.
    private func connect() {
        var reason = "it has no address"
        while let address = destination.nextAddress() {
            switch Socket.connecting(to: address, keepsAlive: instance.settings.keepsAlive) {
            case .success(let socket):
                self.socket = socket
                loop.poller.add(socket, id: id, reads: false, writes: true)
                return
            case .failure(let failure): reason = failure.reason
            }
        }
        lose(BackendFailure(.unavailable, "\(name) cannot be reached: \(reason)"))
    }

    private func connected(_ socket: Socket) {
        if let reason = socket.connectError {
            closeSocket()
            if destination.hasMoreAddresses { return connect() }
            return lose(BackendFailure(.unavailable, "\(name) cannot be reached: \(reason)"))
        }
        if let context = instance.tls, let endpoint {
            guard let session = TLSTransport(context, descriptor: socket.descriptor, server: endpoint) else {
                return lose(BackendFailure(.defect, "OpenSSL could not make a TLS session"))
            }
            transport = session
        } else {
            transport = PlainTransport(descriptor: socket.descriptor)
        }
        handshake.connected()
        prepare(socket)
    }

    private func prepare(_ socket: Socket) {
        switch transport?.prepare() {
        case .ready?:
            let login = Login(instance.settings, purpose)
            output.append { login.encode(into: &$0) }
            handshake.secured(login)
            loop.poller.change(socket, id: id, reads: true, writes: false)
            flush()
        case .waits(let forWriting)?: loop.poller.change(socket, id: id, reads: !forWriting, writes: forWriting)
        case .failed(let failure)?: lose(BackendFailure(failure.status, "\(name): \(failure.reason)"))
        case nil: break
        }
    }

    private func loggedIn(_ warning: String?) {
        if let warning { instance.host.log(.warning, warning) }
        lifecycle.loggedIn()
        instance.statistics.connects.add(1, ordering: .relaxed)
        for held in pipeline.takeHeld() { write(held.command, isAsking: held.isAsking) }
        owner?.isReady(self)
    }

    // MARK: Bytes

    func onEvent(_ event: Poller.Event) {
        guard let socket else { return }
        switch handshake.state {
        case .connecting: connected(socket)
        case .securing: prepare(socket)
        case .loggingIn, .done:
            if event.isWritable { flush() }
            if event.isReadable { read() }
        }
    }

    /// Sends queued bytes as far as the socket accepts them.
    func flush() {
        guard handshake.isSecured, let transport, let socket else { return }
        switch output.flush({ transport.write($0) }) {
        case .sent: break
        case .watch(let forWriting): loop.poller.change(socket, id: id, reads: true, writes: forWriting)
        case .failed(let reason): loseContact(reason)
        }
    }

    func readMore() {
        if handshake.isSecured { read() }
    }

    private func read() {
        let attempt = lifecycle.attempt
        var left = Self.mostRead
        while attempt == lifecycle.attempt, let transport {
            // A TLS session may hold bytes that the socket no longer reports.
            guard left > 0 else { return loop.connections.readLater(self) }
            switch transport.read(into: loop.readBuffer) {
            case .nothing: return
            case .closed:
                let reason = "\(name) has closed the connection\(handshake.suspicion)"
                return lose(BackendFailure(.unavailable, reason))
            case .failed(let reason): return loseContact(reason)
            case .bytes(let count):
                left -= count
                take(UnsafeRawBufferPointer(rebasing: loop.readBuffer[..<count]))
                // A plain socket that returned fewer bytes than there was room for is empty. A TLS session may hold
                // more.
                if count < loop.readBuffer.count, instance.tls == nil { return }
            }
        }
    }

    // MARK: Replies

    private func take(_ bytes: UnsafeRawBufferPointer) {
        let attempt = lifecycle.attempt
        // A reply that is no longer wanted is not kept.
        if let command = pipeline.first, !command.isWanted, handshake.expectedReply == nil { reader.abandon() }
        var rest = bytes
        do {
            while attempt == lifecycle.attempt,
                let outcome = try reader.next(&rest, expecting: { handshake.expectedReply ?? pipeline.expectedReply })
            {
                switch outcome {
                case .reply(let reply): try take(reply)
                case .skipped: if case .command(let command) = pipeline.next() { command.skipped() }
                }
            }
        } catch let failure as BackendFailure {
            lose(failure)
        } catch let refusal as ReplyReader.Refusal {
            refuse(refusal)
        } catch {
            lose(BackendFailure(.defect, "\(name): \(error)"))
        }
    }

    private func take(_ reply: Reply) throws(BackendFailure) {
        switch handshake.receive(reply, from: endpoint ?? .unix(path: name)) {
        case .more?: return reply.free()
        case .done(let warning)?:
            reply.free()
            return loggedIn(warning)
        case .failed(let failure)?:
            reply.free()
            throw failure
        case nil: break
        }
        switch pipeline.next() {
        case .command(let command): try command.received(reply, on: self)
        case .asking: reply.free()
        case .nobody:
            reply.free()
            throw BackendFailure(.badAnswer, "\(name) sent an answer that nothing was asked for")
        }
    }

    /// Closes the connection, since its bytes cannot be read any further.
    private func refuse(_ refusal: ReplyReader.Refusal) {
        guard refusal.isOversized else {
            return lose(BackendFailure(.badAnswer, "\(name) does not answer as Redis does: \(refusal.reason)"))
        }
        // That a value is too large concerns its key and not the server.
        if case .command(let command) = pipeline.next() {
            command.failed(BackendFailure(.tooLarge, "\(name) has a larger value than is read"))
        }
        lose(BackendFailure(.unavailable, "the connection to \(name) was closed: \(refusal.reason)"))
    }
}
