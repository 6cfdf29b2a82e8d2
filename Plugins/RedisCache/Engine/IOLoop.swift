import PluginKit

/// The plugin's one I/O thread: it owns every connection and every operation in flight, and waits for nothing but
/// epoll.
///
/// Unchecked, because all of it but the inbox, the resolver and the figures is touched on that thread alone; `start` and
/// `stop` are called before the thread runs and to end it.
final class IOLoop: @unchecked Sendable {
    let host: Host
    let settings: RedisSettings
    let tls: TLSContext?
    let figures = Figures()
    let inbox: Inbox
    let resolver: Resolver
    let poller: Poller
    let readBuffer: UnsafeMutableRawBufferPointer
    /// The longest value that is read, in bytes.
    let largestValue: Int
    /// The clock, as of the latest look at it.
    private(set) var now: UInt64 = 0
    var alarms = Alarms()
    private let wakeUp: WakeUp
    private var thread: WorkerThread?
    private var links: [UInt64: Link] = [:]
    private var lastLinkID = Poller.wakeUp
    private var dirty: [Link] = []
    private var unread: [Link] = []
    private var client: Client?
    private var finished: [OperationRequest] = []
    private var messages: [Inbox.Message] = []
    private var events: [Poller.Event] = []
    private var isStopping = false
    private var ending: ShutdownRequest?

    init(host: Host, settings: RedisSettings) throws(PluginFailure) {
        guard let wakeUp = WakeUp(blocks: false), let poller = Poller(wakeUp: wakeUp.descriptor) else {
            throw PluginFailure(.defect, "no descriptors are left for the I/O thread: raise the limit of open files")
        }
        let inbox = Inbox(wakeUp: wakeUp)
        guard let resolver = Resolver(inbox: inbox) else {
            throw PluginFailure(.defect, "no descriptors are left for the resolver: raise the limit of open files")
        }
        self.host = host
        self.settings = settings
        self.wakeUp = wakeUp
        self.inbox = inbox
        self.resolver = resolver
        self.poller = poller
        largestValue = min(host.largestValue, Reply.longestString)
        tls = try settings.tls.map { tls throws(PluginFailure) in try TLSContext(tls) }
        readBuffer = .allocate(byteCount: 64 << 10, alignment: 16)
    }

    deinit { readBuffer.deallocate() }

    /// Starts the thread, which connects.
    func start() throws(PluginFailure) {
        thread = WorkerThread("gwp-redis-io") { [self] in run() }
        if thread == nil { throw PluginFailure(.defect, "the system has no thread left for the I/O of Redis") }
    }

    /// [control] Ends the threads. What is in flight is completed.
    func stop() {
        inbox.post(.stop)
        thread?.join()
        thread = nil
        resolver.stop()
    }

    // MARK: For connections and operations, on the thread

    func nextLinkID() -> UInt64 {
        lastLinkID += 1
        return lastLinkID
    }

    func add(_ link: Link) { links[link.id] = link }

    func remove(_ link: Link) { links[link.id] = nil }

    func flushLater(_ link: Link) { dirty.append(link) }

    /// There is more to be read from a connection: in the next turn.
    func readLater(_ link: Link) { unread.append(link) }

    /// The operation is over: the host is told at the end of the turn, together with all others, so that many need one
    /// wake-up of an event loop.
    func finish(_ request: OperationRequest) { finished.append(request) }

    /// Ends the thread, and then the shutdown that asked for it.
    func end(_ request: ShutdownRequest) {
        ending = request
        isStopping = true
    }

    // MARK: The thread

    private func run() {
        now = host.monotonicNanoseconds
        let client = Client(self)
        self.client = client
        client.start()
        while true {
            handleMessages(client)
            client.turnEnded()
            settle()
            if isStopping { break }
            let wait = unread.isEmpty && inbox.mayFallAsleep() ? timeToSleep() : 0
            poller.wait(wait) { events.append($0) }
            if wait != 0 { inbox.wokeUp() }
            now = host.monotonicNanoseconds
            for event in events { links[event.id]?.onEvent(event) }
            events.removeAll(keepingCapacity: true)
            let more = unread
            unread = []
            for link in more { link.readMore() }
            for action in alarms.ring(now: now) { action() }
            for link in links.values where link.deadline.map({ $0 <= now }) == true { link.tick() }
            settle()
        }
        client.close()
        settle()
        alarms.removeAll()
        self.client = nil
        ending.take()?.finish()
    }

    private func handleMessages(_ client: Client) {
        inbox.take(into: &messages)
        for message in messages {
            switch message {
            case .operation(let message): client.handle(message)
            case .resolved(let link, let attempt, let result): links[link]?.resolved(result, attempt: attempt)
            case .stop: isStopping = true
            case .nudge: break
            }
        }
        messages.removeAll(keepingCapacity: true)
    }

    /// Sends what this turn has written and tells the host what it has finished.
    private func settle() {
        while !dirty.isEmpty {
            let links = dirty
            dirty.removeAll(keepingCapacity: true)
            for link in links { link.flush() }
        }
        guard !finished.isEmpty else { return }
        for request in finished { request.complete(figures.leases) }
        finished.removeAll(keepingCapacity: true)
    }

    /// nil: until something happens.
    private func timeToSleep() -> UInt64? {
        var next = alarms.next
        for link in links.values {
            guard let deadline = link.deadline else { continue }
            next = min(next ?? deadline, deadline)
        }
        return next.map { $0 > now ? $0 - now : 0 }
    }
}
