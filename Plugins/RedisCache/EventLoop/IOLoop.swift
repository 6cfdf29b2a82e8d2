import PluginKit

/// The plugin's only I/O thread. It drives every connection, and waits only for epoll. An `OperationHandler` carries
/// out operations on it.
///
/// It is unchecked because everything but the inbox and the resolver is used on that thread alone; `start` is called
/// before the thread runs, and `stop` to end it.
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
    /// The buffer that connections read into, one after another.
    let readBuffer: UnsafeMutableRawBufferPointer
    /// [I/O thread] The monotonic clock in nanoseconds, as it was last read.
    private(set) var now: UInt64 = 0
    /// [I/O thread] The alarms of the handler.
    var alarms = Alarms()
    /// [I/O thread] The connections of the handler.
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

    /// [control] Ends the threads. Operations in flight are completed.
    func stop() {
        inbox.post(.stop)
        thread?.join()
        thread = nil
        resolver.stop()
    }

    // MARK: For the handler

    /// [I/O thread] Completes an operation at the end of the turn, together with all others, so that many need one
    /// wake-up of an event loop.
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

    /// Sends what this turn has written and completes the operations that it has finished.
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

    /// Nanoseconds until the next alarm or deadline. It is nil where there is none.
    private func timeToSleep() -> UInt64? {
        [alarms.next, connections.nextDeadline].compactMap(\.self).min().map { $0 > now ? $0 - now : 0 }
    }
}
