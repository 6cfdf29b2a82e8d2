import NIOCore
import Text

/// Writes one line for each request of an event loop when the request has ended. It is bound to that loop.
///
/// Lines are gathered for a moment, so that the thread that writes them is woken once for many. That thread waits for the
/// file or the reader, and no request does.
final class AccessLog: TransactionObserver {
    /// How long lines are gathered at most.
    static let delay = TimeAmount.milliseconds(50)
    /// How many bytes are gathered at most.
    static let batch = 16 * 1024

    private let format: LogFormat
    private let endpoints: EndpointNames
    private let writer: LogWriter
    private let eventLoop: any EventLoop
    private let clock: () -> MachineClock.Time
    private var gathered = WireText(capacity: AccessLog.batch + 2_048)
    private var count = 0
    private var isDue = false
    /// The second in which the last request ended, and its text.
    private var second = (number: Int.min, text: "")

    init(
        _ format: LogFormat,
        _ writer: LogWriter,
        on eventLoop: any EventLoop,
        endpoints: EndpointNames = .served,
        clock: @escaping () -> MachineClock.Time = { MachineClock.coarse() }
    ) {
        self.format = format
        self.endpoints = endpoints
        self.writer = writer
        self.eventLoop = eventLoop
        self.clock = clock
    }

    func ended(_ transaction: borrowing Transaction) {
        let now = clock()
        if now.seconds != second.number {
            second = (now.seconds, String(Timestamp.format(seconds: now.seconds, milliseconds: 0).dropLast(4)))
        }
        format.writeLine(
            of: transaction,
            endpoints,
            at: second.text,
            milliseconds: now.nanoseconds / 1_000_000,
            to: &gathered
        )
        count += 1
        guard gathered.count < Self.batch else { return settle() }
        guard !isDue else { return }
        isDue = true
        eventLoop.assumeIsolated().scheduleTask(in: Self.delay) {
            self.isDue = false
            self.settle()
        }
    }

    func settle() {
        guard count > 0 else { return }
        writer.write(gathered.withBytes { Array($0) }, lines: count)
        gathered.reset()
        count = 0
    }
}
