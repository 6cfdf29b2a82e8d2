import CCurl
import PluginKit
import Synchronization

/// The plugin's one I/O thread: it owns curl's connections and every operation in flight.
///
/// Unchecked, because all of it but the inbox is touched on that thread alone; `start` and `stop` are called before the
/// thread runs and to end it.
final class TransferLoop: @unchecked Sendable {
    /// What other threads have to say to it.
    enum Message: Sendable {
        case operation(OperationMessage)
        case stop
    }

    let host: Host
    let settings: S3Settings
    let figures = Figures()
    /// The largest entry that is read, in bytes.
    let largestValue: Int
    private(set) var now: UInt64 = 0
    var alarms = Alarms()
    private let multi: UnsafeMutableRawPointer
    private let messages = Mutex<[Message]>([])
    private var thread: WorkerThread?
    private var transfers: [ObjectIdentifier: Transfer] = [:]
    private var spare: [UnsafeMutableRawPointer] = []
    private var finished: [OperationRequest] = []
    private var isStopping = false
    private var ending: ShutdownRequest?
    private let tls: CurlTLS

    /// libcurl wants this once in a process, before anything else.
    private static let isCurlReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    init(host: Host, settings: S3Settings) throws(PluginFailure) {
        guard Self.isCurlReady, let multi = curl_multi_init() else {
            throw PluginFailure(.defect, "libcurl could not be initialized: is there memory left?")
        }
        self.host = host
        self.settings = settings
        self.multi = multi
        largestValue = host.largestValue
        tls = CurlTLS(verification: settings.verification)
        curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, settings.connections)
        curl_multi_set_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, settings.connections)
    }

    deinit {
        for easy in spare { curl_easy_cleanup(easy) }
        curl_multi_cleanup(multi)
    }

    /// Starts the thread.
    func start() throws(PluginFailure) {
        thread = WorkerThread("gwp-s3-io") { [self] in run() }
        if thread == nil { throw PluginFailure(.defect, "the system has no thread left for the I/O of S3") }
    }

    /// [control] Ends the thread. What is in flight is completed.
    func stop() {
        post(.stop)
        thread?.join()
        thread = nil
    }

    /// [any thread]
    func post(_ message: Message) {
        messages.withLock { $0.append(message) }
        // It is heard also by a thread that is about to fall asleep.
        curl_multi_wakeup(multi)
    }

    // MARK: On the thread

    /// Sends a request. `finish` gets the outcome once, never before this returns.
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

    /// Ends a transfer at once; what is behind it gets `cancelled`.
    func cancel(_ transfer: Transfer) {
        guard retire(transfer) else { return }
        transfer.cancelled()
    }

    func finish(_ request: OperationRequest) { finished.append(request) }

    /// Ends the thread, and then the shutdown that asked for it.
    func end(_ request: ShutdownRequest) {
        ending = request
        isStopping = true
    }

    private func run() {
        now = host.monotonicNanoseconds
        let client = S3Client(self)
        client.start()
        while true {
            for message in messages.withLock({ messages in
                defer { messages = [] }
                return messages
            }) {
                switch message {
                case .operation(let message): client.handle(message)
                case .stop: isStopping = true
                }
            }
            perform()
            for action in alarms.ring(now: now) { action() }
            client.turnEnded()
            settle()
            if isStopping { break }
            wait()
            now = host.monotonicNanoseconds
        }
        client.close()
        for transfer in Array(transfers.values) { cancel(transfer) }
        settle()
        ending.take()?.finish()
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
            // Its answer is read from the handle, which is reset when it is retired.
            transfer.ended(code)
            _ = retire(transfer)
        }
    }

    /// - Returns: whether it was still in flight.
    private func retire(_ transfer: Transfer) -> Bool {
        guard transfers.removeValue(forKey: ObjectIdentifier(transfer)) != nil else { return false }
        curl_multi_remove_handle(multi, transfer.easy)
        curl_easy_reset(transfer.easy)
        if spare.count < 64 { spare.append(transfer.easy) } else { curl_easy_cleanup(transfer.easy) }
        return true
    }

    private func settle() {
        guard !finished.isEmpty else { return }
        for request in finished { request.complete(figures.leases) }
        finished.removeAll(keepingCapacity: true)
    }
}
