import Glibc
import PluginKit
import Synchronization

/// Whom a connection tells of its fate. Bound to the I/O thread.
protocol LinkOwner: AnyObject {
    /// Which server is it? Answer with `Link.located`, at once or later.
    func locate(_ link: Link, attempt: UInt64)
    func isReady(_ link: Link)
    /// The commands that it had have failed already.
    func isLost(_ link: Link, _ failure: BackendFailure)
}

/// A connection to a server, made again whenever it is lost: it carries out what `LinkState` decides. Commands are
/// pipelined. Bound to the I/O thread.
final class Link {
    private static let mostOutput = 64 << 20
    /// How much is read before other connections and the host are attended to, in bytes.
    private static let mostRead = 1 << 20

    let id: UInt64
    private let loop: IOLoop
    private let purpose: Login.Purpose
    private weak var owner: (any LinkOwner)?
    private var state: LinkState
    private(set) var endpoint: Endpoint?
    private var addresses: [SocketAddress] = []
    private var socket: Socket?
    private var transport: (any Transport)?
    private var isPrepared = false
    private var waitsToWrite = false
    private var reader = ReplyReader()
    private var login: Login?
    private var output = OutputBuffer()
    private var pipeline = Pipeline()
    private var waiting: [(command: any Command, asks: Bool)] = []
    private var isDirty = false
    private var lastFailure = BackendFailure(.unavailable, "there is no connection yet")

    init(_ loop: IOLoop, _ purpose: Login.Purpose, owner: any LinkOwner) {
        self.loop = loop
        self.purpose = purpose
        self.owner = owner
        state = LinkState(connectTimeout: loop.settings.connectTimeout)
        id = loop.nextLinkID()
        loop.add(self)
    }

    /// The server as messages call it.
    var name: String { endpoint?.description ?? "the server" }

    var isReady: Bool { state.phase == .ready }

    /// Since when the server owes an answer, be it to a command or to the attempt to connect.
    var waitingSince: UInt64? { state.connectingSince ?? pipeline.waitingSince }

    /// When `tick` wants to be called.
    var deadline: UInt64? {
        guard state.phase == .ready else { return state.deadline }
        return pipeline.waitingSince.map { $0 &+ loop.settings.answerTimeout }
    }

    // MARK: Commands

    /// Connects, if that was never tried.
    func want() { perform(state.wanted()) }

    /// Sends a command as soon as there is a connection; fails it at once while there can be none.
    /// - Parameter asking: for a key that is on its way to this node of a cluster.
    func send(_ command: any Command, asking: Bool = false) {
        perform(state.wanted())
        guard state.takesCommands else { return command.failed(lastFailure) }
        guard state.phase == .ready else {
            waiting.append((command, asking))
            return
        }
        write(command, asking: asking)
    }

    private func write(_ command: any Command, asking: Bool) {
        guard command.isWanted else { return command.failed(BackendFailure(.cancelled, "nobody waits any more")) }
        guard output.count < Self.mostOutput else {
            return command.failed(BackendFailure(.busy, "\(name) is too slow for what it is sent"))
        }
        if asking {
            output.command(1)
            output.argument("ASKING" as StaticString)
        }
        command.encode(into: &output)
        pipeline.append(command, isAfterAsking: asking, at: loop.now)
        markDirty()
    }

    private func markDirty() {
        guard !isDirty else { return }
        isDirty = true
        loop.flushLater(self)
    }

    // MARK: The life of the connection

    /// The answer to `LinkOwner.locate`.
    func located(_ result: Result<Endpoint, BackendFailure>, attempt: UInt64) {
        guard attempt == state.attempt else { return }
        switch result {
        case .success(let endpoint):
            self.endpoint = endpoint
            perform(state.located(now: loop.now))
        case .failure(let failure): lose(failure)
        }
    }

    /// Gives the connection up and, unless it is closed, makes it again later.
    func lose(_ failure: BackendFailure) {
        lastFailure = failure
        perform(state.lost(now: loop.now, jitter: Double.random(in: 0..<1)))
    }

    /// Ends it for good.
    func close(_ failure: BackendFailure) {
        lastFailure = failure
        owner = nil
        perform(state.close())
        loop.remove(self)
    }

    func tick() {
        if state.phase == .ready, let deadline, deadline <= loop.now {
            let seconds = Double(loop.settings.answerTimeout / 1_000_000) / 1000
            return lose(BackendFailure(.timeout, "\(name) has not answered for \(seconds) s"))
        }
        perform(state.due(now: loop.now))
    }

    private func perform(_ action: LinkState.Action) {
        switch action {
        case .none: break
        case .locate: owner?.locate(self, attempt: state.attempt)
        case .connect: resolve()
        case .giveUp:
            lose(BackendFailure(.unavailable, "\(name) cannot be reached: connecting took too long\(suspicion)"))
        case .drop: drop()
        }
    }

    private func drop() {
        if let socket {
            loop.poller.remove(socket)
            socket.close()
        }
        socket = nil
        transport = nil
        isPrepared = false
        waitsToWrite = false
        login = nil
        addresses = []
        reader = ReplyReader()
        output.clear()
        let commands = pipeline.removeAll() + waiting.map(\.command)
        waiting = []
        for command in commands { command.failed(lastFailure) }
        owner?.isLost(self, lastFailure)
    }

    // MARK: Connecting

    private func resolve() {
        switch endpoint {
        case nil: lose(BackendFailure(.unavailable, "there is no server to connect to"))
        case .unix(let path)?:
            guard let address = SocketAddress(path: path) else {
                return lose(BackendFailure(.unavailable, "the path of the socket \(path) is too long"))
            }
            resolved(.success([address]), attempt: state.attempt)
        case .tcp(let host, let port)?:
            if case .success(let addresses) = SocketAddress.resolve(host: host, port: port, isNumeric: true) {
                resolved(.success(addresses), attempt: state.attempt)
            } else {
                loop.resolver.resolve(host: host, port: port, for: id, attempt: state.attempt)
            }
        }
    }

    func resolved(_ result: Result<[SocketAddress], BackendFailure>, attempt: UInt64) {
        guard attempt == state.attempt, case .connecting = state.phase, socket == nil else { return }
        switch result {
        case .success(let addresses):
            self.addresses = addresses
            connect()
        case .failure(let failure): lose(failure)
        }
    }

    /// Tries the next address.
    private func connect() {
        var reason = "it has no address"
        while !addresses.isEmpty {
            let address = addresses.removeFirst()
            switch Socket.connecting(to: address, keepsAlive: loop.settings.keepsAlive) {
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
            loop.poller.remove(socket)
            socket.close()
            self.socket = nil
            if !addresses.isEmpty { return connect() }
            return lose(BackendFailure(.unavailable, "\(name) cannot be reached: \(reason)"))
        }
        if let context = loop.tls, let endpoint {
            guard let session = TLSTransport(context, descriptor: socket.descriptor, server: endpoint) else {
                return lose(BackendFailure(.defect, "OpenSSL could not make a TLS session"))
            }
            transport = session
        } else {
            transport = PlainTransport(descriptor: socket.descriptor)
        }
        prepare(socket)
    }

    private func prepare(_ socket: Socket) {
        switch transport?.prepare() {
        case .ready?:
            isPrepared = true
            let login = Login(loop.settings, purpose)
            login.encode(into: &output)
            self.login = login
            loop.poller.change(socket, id: id, reads: true, writes: false)
            flush()
        case .waits(let forWriting)?: loop.poller.change(socket, id: id, reads: !forWriting, writes: forWriting)
        case .failed(let failure)?: lose(BackendFailure(failure.status, "\(name): \(failure.reason)"))
        case nil: break
        }
    }

    private func loggedIn(_ warning: String?) {
        login = nil
        if let warning { loop.host.log(.warning, warning) }
        state.loggedIn()
        loop.figures.connects.add(1, ordering: .relaxed)
        let waiting = waiting
        self.waiting = []
        for (command, asks) in waiting { write(command, asking: asks) }
        owner?.isReady(self)
    }

    /// What may be behind a connection that is made and then says nothing sensible.
    private var suspicion: String {
        guard transport != nil, login != nil || !isPrepared else { return "" }
        if loop.tls == nil { return "; if the server wants TLS, set 'ssl: true'" }
        if !isPrepared { return "; if the server does not speak TLS on this port, set 'ssl: false'" }
        return "; if the server asks for a certificate, give 'ssl_certfile'"
    }

    // MARK: Bytes

    func onEvent(_ event: Poller.Event) {
        guard let socket else { return }
        guard transport != nil else { return connected(socket) }
        guard isPrepared else { return prepare(socket) }
        if event.isWritable { flush() }
        if event.isReadable { read() }
    }

    /// Sends what is to be sent, as far as the socket takes it.
    func flush() {
        isDirty = false
        guard isPrepared, let transport, let socket else { return }
        var failure: String?
        while !output.isEmpty {
            var went = 0
            output.send { bytes in
                switch transport.write(bytes) {
                case .went(let count): went = count
                case .failed(let reason): failure = reason
                }
                return went
            }
            if went == 0 { break }
        }
        if let failure {
            return lose(BackendFailure(.unavailable, "the connection to \(name) was lost: \(failure)\(suspicion)"))
        }
        if waitsToWrite == output.isEmpty {
            waitsToWrite = !output.isEmpty
            loop.poller.change(socket, id: id, reads: true, writes: waitsToWrite)
        }
    }

    /// Goes on with reading, after a turn in which there was more than was read.
    func readMore() {
        if isPrepared { read() }
    }

    private func read() {
        let attempt = state.attempt
        var left = Self.mostRead
        while attempt == state.attempt, let transport {
            // A TLS session may hold bytes of which the socket knows nothing any more.
            guard left > 0 else { return loop.readLater(self) }
            switch transport.read(into: loop.readBuffer) {
            case .nothing: return
            case .closed: return lose(BackendFailure(.unavailable, "\(name) has closed the connection\(suspicion)"))
            case .failed(let reason):
                return lose(BackendFailure(.unavailable, "the connection to \(name) was lost: \(reason)\(suspicion)"))
            case .bytes(let count):
                left -= count
                take(UnsafeRawBufferPointer(rebasing: loop.readBuffer[..<count]))
                // A plain socket that gave less than there was room for is empty; a TLS session may hold more.
                if count < loop.readBuffer.count, loop.tls == nil { return }
            }
        }
    }

    private func take(_ bytes: UnsafeRawBufferPointer) {
        let attempt = state.attempt
        // What arrives for somebody who has gone is not kept.
        if let command = pipeline.first, !command.isWanted, login == nil { reader.abandon() }
        var rest = bytes
        do {
            while attempt == state.attempt, let outcome = try reader.next(&rest, expecting: { expectedReply }) {
                switch outcome {
                case .reply(let reply): try take(reply)
                case .skipped: try skipped()
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

    /// What the next reply may be.
    private var expectedReply: ExpectedReply {
        if let login { return login.expectedReply }
        guard let command = pipeline.first else { return .line }
        var expected = command.expectedReply
        expected.isWanted = command.isWanted
        return expected
    }

    private func skipped() throws(BackendFailure) {
        if case .some(.some(let command)) = pipeline.next() { command.skipped() }
    }

    /// What arrives is not read on: the connection is given up.
    private func refuse(_ refusal: ReplyReader.Refusal) {
        guard refusal.isOversized else {
            return lose(BackendFailure(.badAnswer, "\(name) does not answer as Redis does: \(refusal.reason)"))
        }
        // It says something of one key, not of the server.
        if case .some(.some(let command)) = pipeline.next() {
            command.failed(BackendFailure(.tooLarge, "\(name) has a larger value than is read"))
        }
        lose(BackendFailure(.unavailable, "the connection to \(name) was closed: \(refusal.reason)"))
    }

    private func take(_ reply: Reply) throws(BackendFailure) {
        if var login {
            let progress = login.receive(reply, from: endpoint ?? .unix(path: name))
            reply.free()
            self.login = login
            switch progress {
            case .more: break
            case .done(let warning): loggedIn(warning)
            case .failed(let failure): throw failure
            }
            return
        }
        switch pipeline.next() {
        case .some(.some(let command)): try command.received(reply, on: self)
        case .some(.none): reply.free()
        case .none:
            reply.free()
            throw BackendFailure(.badAnswer, "\(name) sent an answer that nothing was asked for")
        }
    }
}
