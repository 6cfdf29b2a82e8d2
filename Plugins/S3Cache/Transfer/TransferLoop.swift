import CCurl
import PluginKit
import Synchronization

/// The plugin's only I/O thread. It owns curl's connections and every request in flight. An `OperationHandler` carries
/// out operations on it.
///
/// It is unchecked because everything but the messages is used on that thread alone; `start` is called before the
/// thread runs, and `stop` to end it.
final class TransferLoop: @unchecked Sendable {
    /// A message of another thread.
    enum Message: Sendable {
        case operation(OperationMessage)
        case stop
    }

    /// Why the thread ends.
    private enum Ending {
        case stopped
        case shutDown(ShutdownRequest)
    }

    /// How many of curl's handles are kept for further requests.
    private static let mostSpareHandles = 64

    /// [I/O thread] The monotonic clock in nanoseconds, as it was last read.
    private(set) var now: UInt64 = 0
    /// [I/O thread] The alarms of the handler.
    var alarms = Alarms()
    private let host: Host
    private let tls: CurlTLS
    private let leases: LeaseCount
    private let multi: UnsafeMutableRawPointer
    private let messages = Mutex<[Message]>([])
    private var thread: WorkerThread?
    private var transfers: [ObjectIdentifier: Transfer] = [:]
    private var spare: [UnsafeMutableRawPointer] = []
    private var finished: [OperationRequest] = []
    private var ending: Ending?

    /// libcurl requires this once in a process, before anything else.
    private static let isCurlReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    /// - Parameters:
    ///   - connections: the greatest number of connections.
    ///   - leases: counts the values that finished operations lease to the host.
    init(host: Host, tls: CurlTLS, connections: Int, leases: LeaseCount) throws(PluginFailure) {
        guard Self.isCurlReady, let multi = curl_multi_init() else {
            throw PluginFailure(.defect, "libcurl could not be initialized: is there memory left?")
        }
        self.host = host
        self.tls = tls
        self.leases = leases
        self.multi = multi
        curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, connections)
        curl_multi_set_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, connections)
    }

    deinit {
        for easy in spare { curl_easy_cleanup(easy) }
        curl_multi_cleanup(multi)
    }

    /// [control] Starts the thread.
    /// - Parameter makeHandler: called once, on the thread.
    func start(_ makeHandler: @escaping @Sendable () -> any OperationHandler) throws(PluginFailure) {
        thread = WorkerThread("gwp-s3-io") { [self] in run(makeHandler()) }
        if thread == nil { throw PluginFailure(.defect, "the system has no thread left for the I/O of S3") }
    }

    /// [control] Ends the thread. Operations in flight are completed.
    func stop() {
        post(.stop)
        thread?.join()
        thread = nil
    }

    /// [any thread] Hands a message over.
    func post(_ message: Message) {
        messages.withLock { $0.append(message) }
        // This also wakes a thread that is about to sleep.
        curl_multi_wakeup(multi)
    }

    // MARK: For the handler

    /// [I/O thread] Sends a request. `finish` is called once with the outcome, and never before this returns.
    @discardableResult
    func send(_ request: HTTPRequest, finish: @escaping (Transfer.Outcome) -> Void) -> Transfer? {
        guard let easy = spare.popLast() ?? curl_easy_init(),
            let transfer = Transfer(request, easy: easy, tls: tls, finish: finish)
        else {
            alarms.set(at: now) { finish(.failure(HTTPFailure(kind: .broken, reason: "there is no memory"))) }
            return nil
        }
        transfers[ObjectIdentifier(transfer)] = transfer
        curl_multi_add_handle(multi, easy)
        return transfer
    }

    /// [I/O thread] Ends a transfer at once, with the failure `cancelled`.
    func cancel(_ transfer: Transfer) {
        guard retire(transfer) else { return }
        transfer.cancelled()
    }

    /// [I/O thread] Completes an operation at the end of the turn, together with all others, so that many need one
    /// wake-up of an event loop.
    func finish(_ request: OperationRequest) { finished.append(request) }

    /// [I/O thread] Ends the thread, and then the shutdown that asked for it.
    func end(_ request: ShutdownRequest) { ending = .shutDown(request) }

    // MARK: The thread

    private func run(_ handler: any OperationHandler) {
        now = host.monotonicNanoseconds
        handler.start()
        while true {
            for message in takeMessages() {
                switch message {
                case .operation(let message): handler.handle(message)
                case .stop: ending = ending ?? .stopped
                }
            }
            perform()
            for action in alarms.ring(now: now) { action() }
            handler.turnEnded()
            settle()
            if ending != nil { break }
            wait()
            now = host.monotonicNanoseconds
        }
        handler.close()
        // A cancelled transfer may cause another one, such as the next query for credentials.
        while let transfer = transfers.values.first { cancel(transfer) }
        settle()
        alarms.removeAll()
        if case .shutDown(let request)? = ending.take() { request.finish() }
    }

    private func takeMessages() -> [Message] {
        messages.withLock { messages in
            defer { messages = [] }
            return messages
        }
    }

    private func wait() {
        let pause = alarms.next.map { $0 > now ? ($0 - now + 999_999) / 1_000_000 : 0 } ?? 60_000
        var count: Int32 = 0
        curl_multi_poll(multi, nil, 0, Int32(clamping: pause), &count)
    }

    private func perform() {
        var running: Int32 = 0
        curl_multi_perform(multi, &running)
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
            let code = curl_message_result(message)
            var data: UnsafeMutableRawPointer?
            curl_get_pointer(easy, CURLINFO_PRIVATE, &data)
            guard let transfer = Transfer.behind(data) else { continue }
            // The answer is read from the handle, which is reset when it is retired.
            transfer.ended(code)
            _ = retire(transfer)
        }
    }

    /// - Returns: whether it was still in flight.
    private func retire(_ transfer: Transfer) -> Bool {
        guard transfers.removeValue(forKey: ObjectIdentifier(transfer)) != nil else { return false }
        curl_multi_remove_handle(multi, transfer.easy)
        curl_easy_reset(transfer.easy)
        if spare.count < Self.mostSpareHandles { spare.append(transfer.easy) } else { curl_easy_cleanup(transfer.easy) }
        return true
    }

    private func settle() {
        guard !finished.isEmpty else { return }
        for request in finished { request.complete(leases) }
        finished.removeAll(keepingCapacity: true)
    }
}
