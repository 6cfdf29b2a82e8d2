import Deadlines
import HTTPSyntax
import NIOCore

/// The server's part on one event loop: its connections, and what they need to be served. It is bound to its loop.
final class ServerLoop {
    let eventLoop: any EventLoop
    let resources: ServerResources
    let deadlines: Deadlines
    /// This loop's account of the memory budget.
    let memory: MemoryAccount
    let allocator = ByteBufferAllocator()
    /// The handler that answers the requests that begin from now on.
    private(set) var handler: any RequestHandler
    /// What the handler says of pages of other origins. It is nil for nearly every configuration.
    private(set) var crossOrigin: CrossOriginRules?
    /// What one client may take of the server, by the configuration in force.
    private(set) var limits: ServerLimits
    /// The paths that there are, by the configuration in force.
    private(set) var routes: RouteTable
    /// Are told of every request that has ended.
    var observers: [any TransactionObserver]
    /// The one of them that records traces. It is nil where they are not exported.
    let tracing: TraceRecorder?

    /// Writes the heads. No head is kept across a return to the loop.
    private let writer: ResponseWriter
    private var dateField = DateField()
    private var requestIDs = RequestIDs()
    private var connections: [ObjectIdentifier: Connection] = [:]
    private var drain = ServerDrain()

    init(
        eventLoop: any EventLoop,
        resources: ServerResources,
        deadlines: Deadlines,
        memory: MemoryAccount,
        handler: any RequestHandler,
        limits: ServerLimits,
        routes: RouteTable
    ) {
        self.eventLoop = eventLoop
        self.resources = resources
        self.deadlines = deadlines
        self.memory = memory
        self.handler = handler
        crossOrigin = handler.crossOrigin
        self.limits = limits
        self.routes = routes
        observers = resources.observation.observers(on: eventLoop)
        tracing = observers.lazy.compactMap { $0 as? TraceRecorder }.first
        writer = ResponseWriter(allocator: allocator)
    }

    /// The monotonic clock, as precise as timeouts need.
    func now() -> NIODeadline { .now() }

    /// Returns an id for a request whose client sent none.
    func requestID() -> RequestID { requestIDs.next() }

    /// Writes the head of an answer, with the date.
    ///
    /// - Parameters:
    ///   - lines: further fields, as lines. They are nil where there are none.
    ///   - withoutLimits: whether the model's fields about limits are left out.
    func write(
        _ head: borrowing ResponseHead,
        _ persistence: ResponseWriter.Persistence,
        id: RequestID,
        lines: [UInt8]?,
        withoutLimits: Bool = false,
        room: Int
    ) -> ByteBuffer {
        let date = dateField.text(at: MachineClock.coarse().seconds)
        return writer.write(
            head,
            persistence,
            id: id,
            date: date,
            lines: lines,
            withoutLimits: withoutLimits,
            room: room
        )
    }

    /// Puts another configuration in force. Requests that have begun keep the handler that they began with; those that
    /// begin later, on any connection, get all that is new.
    func adopt(_ handler: any RequestHandler, _ limits: ServerLimits, _ routes: RouteTable) {
        self.handler = handler
        crossOrigin = handler.crossOrigin
        self.limits = limits
        self.routes = routes
        for connection in connections.values { connection.adoptLimits() }
    }

    // MARK: Connections

    func opened(_ connection: Connection) {
        connections[ObjectIdentifier(connection)] = connection
    }

    func closed(_ connection: Connection) {
        connections[ObjectIdentifier(connection)] = nil
        drain.closed(wasBusy: connection.isBusy)
        settle()
    }

    /// How many requests are being received or answered, and how many of their answers are streams of events. It takes time
    /// in proportion to the number of connections.
    var underWay: (requests: Int, streams: Int) {
        connections.values.reduce((0, 0)) { sum, connection in
            let (isOpen, isStream) = connection.underWay
            return (sum.0 + (isOpen ? 1 : 0), sum.1 + (isStream ? 1 : 0))
        }
    }

    // MARK: The end

    /// Whether load balancers may send requests.
    private(set) var isReady = true

    /// Whether the gateway is stopping, so that no connection outlives its current request.
    var isStopping: Bool { drain.isStopping }

    /// Reports in the answers of `/health/readiness` that no further requests are wanted. All requests are still
    /// answered.
    func becomeUnready() { isReady = false }

    /// A connection has a request while the gateway is stopping. The gateway waits until the connection is closed.
    func becameBusy() { drain.becameBusy() }

    /// Ends every connection that has a request once that is answered and the client has received the answer.
    /// Connections without one stay open meanwhile and are answered, so that no request meets the end of its
    /// connection.
    ///
    /// - Parameter done: called on the loop when no connection has a request.
    func stop(_ done: @escaping () -> Void) {
        isReady = false
        drain.stop(done)
        for connection in connections.values { connection.stop() }
        settle()
    }

    /// Ends the connections that have no request, once the others have ended. A connection that was in use just now stays
    /// for half a second, since its client is likely to send another request, which is answered.
    ///
    /// - Parameter done: called on the loop when no connection is left.
    func finish(_ done: @escaping () -> Void) {
        drain.finish { [handler] in
            handler.shutDown()
            done()
        }
        closeQuiet()
        settle()
    }

    /// Closes the connections on which no request is to be expected, and does so again until none is left.
    private func closeQuiet() {
        let now = now()
        for connection in connections.values where !connection.isBusy { connection.closeIfQuiet(at: now) }
        guard !connections.isEmpty else { return }
        eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(20)) { self.closeQuiet() }
    }

    /// Ends every request now, and its calls to models. Streams end with an event that gives the reason.
    func abandon() {
        for connection in connections.values { connection.abandon() }
        handler.shutDown()
        eventLoop.assumeIsolated().scheduleTask(in: limits.lingerTimeout) {
            for connection in self.connections.values { connection.close() }
        }
    }

    private func settle() {
        drain.settled(isEmpty: connections.isEmpty)?()
    }
}
