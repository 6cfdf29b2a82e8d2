import Deadlines
import Glibc
import HTTPSyntax
import NIOCore

/// What the server has on one event loop: its connections, and what they need to be served. Bound to its loop.
final class ServerLoop {
    let eventLoop: any EventLoop
    let resources: ServerResources
    let deadlines: Deadlines
    /// What this loop holds of the memory budget.
    let memory: MemoryAccount
    let allocator = ByteBufferAllocator()
    /// Answers the requests that begin from now on.
    var handler: any RequestHandler
    /// Told of every request that has ended.
    var observer: ((Transaction) -> Void)?

    /// For the head that is being written: none is kept across a return to the loop.
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
        handler: any RequestHandler
    ) {
        self.eventLoop = eventLoop
        self.resources = resources
        self.deadlines = deadlines
        self.memory = memory
        self.handler = handler
        writer = ResponseWriter(allocator: allocator)
    }

    var limits: ServerLimits { resources.limits }

    /// The monotonic clock, to the precision that timeouts need.
    func now() -> NIODeadline { .now() }

    /// The name of a request whose client gave it none.
    func requestID() -> RequestID { requestIDs.next() }

    /// Writes the head of an answer, with the date.
    func write(
        _ head: borrowing ResponseHead,
        _ persistence: ResponseWriter.Persistence,
        id: RequestID,
        room: Int
    ) -> ByteBuffer {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME_COARSE, &time)
        return writer.write(head, persistence, id: id, date: dateField.text(at: time.tv_sec), room: room)
    }

    // MARK: Connections

    func opened(_ connection: Connection) {
        connections[ObjectIdentifier(connection)] = connection
        if drain.isFinishing { connection.close() }
    }

    func closed(_ connection: Connection) {
        connections[ObjectIdentifier(connection)] = nil
        drain.closed(wasBusy: connection.isBusy)
        settle()
    }

    // MARK: The end

    /// Whether load balancers may send requests.
    private(set) var isReady = true

    /// Whether the gateway is stopping: no connection outlives its current request.
    var isStopping: Bool { drain.isStopping }

    /// Says in the answers of `/health/readiness` that no further requests are wanted. All are answered still.
    func becomeUnready() { isReady = false }

    /// A connection has a request while the gateway is stopping: that is waited for until the connection is closed.
    func becameBusy() { drain.becameBusy() }

    /// Ends every connection that has a request once that is answered and the answer is taken. Connections without one stay
    /// open meanwhile and are answered, so that nobody's request crosses the end of its connection.
    ///
    /// - Parameter done: called on the loop when none has a request.
    func stop(_ done: @escaping () -> Void) {
        isReady = false
        drain.stop(done)
        for connection in connections.values { connection.stop() }
        settle()
    }

    /// Ends the connections that have no request, once the others are over.
    ///
    /// - Parameter done: called on the loop when no connection is left.
    func finish(_ done: @escaping () -> Void) {
        drain.finish { [handler] in
            handler.shutDown()
            done()
        }
        for connection in connections.values where !connection.isBusy { connection.close() }
        settle()
    }

    /// Ends every request now, and the calls to models with them; streams end with an event that says why.
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
