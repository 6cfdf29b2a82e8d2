import NIOCore
import NIOPosix
import Synchronization

/// Many questions over keep-alive connections. Each answer is compared with its question.
struct Load: Sendable {
    /// The result of the questions.
    struct Report: Sendable {
        var answers = 0
        var hits = 0
        /// Answers with a status other than 200.
        var errors: [String] = []
        /// Answers to another question, and incomplete answers.
        var swapped: [String] = []
        /// The latencies in milliseconds.
        var latencies: [Double] = []

        mutating func add(_ other: Report) {
            answers += other.answers
            hits += other.hits
            errors += other.errors
            swapped += other.swapped
            latencies += other.latencies
        }

        /// The latency in milliseconds that a share of the answers did not exceed.
        func latency(_ share: Double) -> Double {
            let sorted = latencies.sorted()
            guard !sorted.isEmpty else { return 0 }
            return sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
        }
    }

    let port: Int
    var connections = 16
    /// How many different questions there are.
    var questions = 500

    /// Sends questions until `count` answers have been received.
    func run(_ count: Int) async throws -> Report {
        try await withThrowingTaskGroup(of: Report.self) { group in
            for index in 0..<connections {
                let share = count / connections + (index < count % connections ? 1 : 0)
                group.addTask { try await ask(share) }
            }
            var report = Report()
            for try await part in group { report.add(part) }
            return report
        }
    }

    private func ask(_ count: Int) async throws -> Report {
        guard count > 0 else { return Report() }
        let done = MultiThreadedEventLoopGroup.singleton.any().makePromise(of: Report.self)
        let questions = questions
        _ = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Asker(count, questions, done))
                }
            }
            .connect(host: "127.0.0.1", port: port)
            .flatMapError { error in
                done.fail(error)
                return MultiThreadedEventLoopGroup.singleton.any().makeFailedFuture(error)
            }
        return try await done.futureResult.get()
    }

    /// An upstream that answers each question with itself, and some at greater length.
    static let upstream: RecordingUpstream.Script = { request, number in
        let text = request.text
        let question =
            text.firstRange(of: "question ").map { text[$0.lowerBound...].prefix { $0 != "\"" } } ?? "nothing"
        return .chat("answer to \(question);" + String(repeating: "z", count: number % 7 == 0 ? 5_000 : 10))
    }
}

/// One connection, which sends, reads, checks and sends again.
private final class Asker: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var left: Int
    private let questions: Int
    private let done: EventLoopPromise<Load.Report>
    private var report = Load.Report()
    private var question = 0
    private var began = NIODeadline.now()
    private var received = ByteBuffer()

    init(_ count: Int, _ questions: Int, _ done: EventLoopPromise<Load.Report>) {
        left = count
        self.questions = questions
        self.done = done
    }

    func channelActive(context: ChannelHandlerContext) { ask(context) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received.writeImmutableBuffer(unwrapInboundIn(data))
        while let answer = wholeAnswer() {
            check(answer)
            left -= 1
            guard left > 0 else {
                done.succeed(report)
                return context.close(promise: nil)
            }
            ask(context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        done.fail(HarnessError("the gateway closed a connection with \(left) answers outstanding"))
    }

    private func ask(_ context: ChannelHandlerContext) {
        question = Int.random(in: 0..<questions)
        let body = #"{"model":"gpt-3.5-turbo","messages":[{"role":"user","content":"question \#(question)"}]}"#
        let head = "POST /v1/chat/completions HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\n"
        began = .now()
        let text = head + "Content-Length: \(body.utf8.count)\r\n\r\n" + body
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
    }

    /// The next answer as text, if it is complete.
    private func wholeAnswer() -> (head: String, body: String)? {
        let view = received.readableBytesView
        guard let end = view.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let head = String(decoding: view[..<end.lowerBound], as: UTF8.self).lowercased()
        let lengthLine = head.split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
        guard let length = lengthLine.flatMap({ Int($0.dropFirst(15).trimmed) }),
            view[end.upperBound...].count >= length
        else { return nil }
        received.moveReaderIndex(to: end.upperBound)
        return (head, received.readString(length: length) ?? "")
    }

    private func check(_ answer: (head: String, body: String)) {
        report.answers += 1
        report.latencies.append(Double((NIODeadline.now() - began).nanoseconds) / 1e6)
        if answer.head.contains("; hit") { report.hits += 1 }
        if !answer.head.hasPrefix("http/1.1 200") {
            report.errors.append(String(answer.head.prefix(60)) + answer.body.prefix(200))
        } else if !answer.body.contains("answer to question \(question);") || !answer.body.hasSuffix("}}") {
            report.swapped.append("question \(question): \(answer.body.prefix(200))")
        }
    }
}
