import PluginKit

/// The plugin's one I/O thread: it drives every connection, and waits for nothing but epoll. What operations are
/// carried out with is an `OperationHandler`.
///
/// Unchecked, because all of it but the inbox and the resolver is touched on that thread alone; `start` and `stop` are
/// called before the thread runs and to end it.
final class IOLoop: @unchecked Sendable {
    /// Why the thread ends.
    private enum Ending {
        case stopped
        case shutDown(ShutdownRequest)
    }

    let host: Host
    let inbox: Inbox
    let resolver: Resolver
    let poller: Poller
    /// What connections read into, one after the other.
    let readBuffer: UnsafeMutableRawBufferPointer
    /// [I/O thread] The monotonic clock in nanoseconds, as of the latest look at it.
    private(set) var now: UInt64 = 0
    /// [I/O thread]
    var alarms = Alarms()
    /// [I/O thread]
    var connections = ConnectionTable()
    private let wakeUp: WakeUp
    private let leases: LeaseCount
    private var thread: WorkerThread?
    private var finished: [OperationRequest] = []
    private var ending: Ending?

    /// - Parameter leases: counts the values that finished operations lease to the host.
    init(host: Host, leases: LeaseCount) throws(PluginFailure) {
        guard let wakeUp = WakeUp(blocks: false), let poller = Poller(wakeUp: wakeUp.descriptor) else {
            throw PluginFailure(.defect, "no descriptors are left for the I/O thread: raise the limit of open files")
        }
        let inbox = Inbox(wakeUp: wakeUp)
        guard let resolver = Resolver(inbox: inbox) else {
            throw PluginFailure(.defect, "no descriptors are left for the resolver: raise the limit of open files")
        }
        self.host = host
        self.leases = leases
        self.wakeUp = wakeUp
        self.inbox = inbox
        self.resolver = resolver
        self.poller = poller
        readBuffer = .allocate(byteCount: 64 << 10, alignment: 16)
    }

    deinit { readBuffer.deallocate() }

    /// [control] Starts the thread.
    /// - Parameter makeHandler: called once, on the thread.
    func start(_ makeHandler: @escaping @Sendable () -> any OperationHandler) throws(PluginFailure) {
        thread = WorkerThread("gwp-redis-io") { [self] in run(makeHandler()) }
        if thread == nil { throw PluginFailure(.defect, "the system has no thread left for the I/O of Redis") }
    }

    /// [control] Ends the threads. What is in flight is completed.
    func stop() {
        inbox.post(.stop)
        thread?.join()
        thread = nil
        resolver.stop()
    }

    // MARK: For the handler

    /// [I/O thread] Tells the host that an operation is over: at the end of the turn, together with all others, so that
    /// many need one wake-up of an event loop.
    func finish(_ request: OperationRequest) { finished.append(request) }

    /// [I/O thread] Ends the thread, and then the shutdown that asked for it.
    func end(_ request: ShutdownRequest) { ending = .shutDown(request) }

    // MARK: The thread

    private func run(_ handler: any OperationHandler) {
        var messages: [Inbox.Message] = []
        var events: [Poller.Event] = []
        now = host.monotonicNanoseconds
        handler.start()
        while true {
            inbox.take(into: &messages)
            for message in messages { take(message, handler) }
            messages.removeAll(keepingCapacity: true)
            handler.turnEnded()
            settle()
            if ending != nil { break }
            let sleeps = !connections.hasUnread && inbox.mayFallAsleep()
            let pause = sleeps ? timeToSleep() : 0
            poller.wait(pause) { events.append($0) }
            if pause != 0 { inbox.wokeUp() }
            now = host.monotonicNanoseconds
            for event in events { connections[event.id]?.onEvent(event) }
            events.removeAll(keepingCapacity: true)
            for connection in connections.takeUnread() { connection.readMore() }
            for action in alarms.ring(now: now) { action() }
            for connection in connections.due(now: now) { connection.deadlineReached() }
            settle()
        }
        handler.close()
        settle()
        alarms.removeAll()
        if case .shutDown(let request)? = ending.take() { request.finish() }
    }

    private func take(_ message: Inbox.Message, _ handler: any OperationHandler) {
        switch message {
        case .operation(let message): handler.handle(message)
        case .resolved(let id, let attempt, let result): connections[id]?.resolved(result, attempt: attempt)
        case .stop: ending = ending ?? .stopped
        }
    }

    /// Sends what this turn has written and tells the host what it has finished.
    private func settle() {
        while true {
            let unflushed = connections.takeUnflushed()
            if unflushed.isEmpty { break }
            for connection in unflushed { connection.flush() }
        }
        guard !finished.isEmpty else { return }
        for request in finished { request.complete(leases) }
        finished.removeAll(keepingCapacity: true)
    }

    /// Nanoseconds until the next alarm or deadline; nil where there is none.
    private func timeToSleep() -> UInt64? {
        [alarms.next, connections.nextDeadline].compactMap(\.self).min().map { $0 > now ? $0 - now : 0 }
    }
}
