import CallTypes
import Deadlines
import Foundation
import HTTPSyntax
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Upstream

/// A client on a loop of its own, driven by a test.
final class Loopback: Sendable {
    let eventLoop: any EventLoop
    private let client: NIOLoopBound<UpstreamClient>

    private init(_ client: NIOLoopBound<UpstreamClient>, on eventLoop: any EventLoop) {
        self.client = client
        self.eventLoop = eventLoop
    }

    /// The deadlines are long, so that a test does not lose a connection on a busy machine.
    private static let patient = UpstreamConfiguration(connectTimeout: .minutes(10), idleConnectionTimeout: .hours(1))

    static func start(
        _ configuration: UpstreamConfiguration = patient,
        clock: ManualClock? = nil
    ) async throws -> Loopback {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        return try await loop.submit {
            let now = { clock?.now ?? NIODeadline.now() }
            let client = UpstreamClient(
                eventLoop: loop,
                deadlines: Deadlines(eventLoop: loop, now: now),
                configuration: configuration,
                now: now
            )
            return Loopback(NIOLoopBound(client, eventLoop: loop), on: loop)
        }.get()
    }

    /// Sends a request and waits for the end of the answer.
    /// - Parameter watch: called for every event, with the call, on the loop.
    func send(
        _ body: String = #"{"model":"m","messages":[]}"#,
        callType: CallType = Calls.chat,
        to group: ModelGroup,
        fallbacks: Fallbacks? = nil,
        isStream: Bool = false,
        headers: [(String, String)] = [],
        timeout: TimeAmount? = nil,
        inputCount: Int = 1,
        watch: @escaping @Sendable (Recorder.Event, UpstreamCall) -> Void = { _, _ in }
    ) async throws -> Recording {
        let promise = eventLoop.makePromise(of: Recording.self)
        eventLoop.execute { [client] in
            let recorder = Recorder(watch: watch) { promise.succeed($0) }
            let literal = body.range(of: #""m""#).map {
                body.utf8.distance(
                    from: body.startIndex,
                    to: $0.lowerBound
                )..<body.utf8.distance(from: body.startIndex, to: $0.upperBound)
            }
            let request = UpstreamRequest(
                callType: callType,
                body: RequestBody(ByteBuffer(string: body), modelLiteral: literal),
                isStream: isStream,
                headers: ForwardedFields(headers),
                inputCount: inputCount,
                timeout: timeout
            )
            recorder.call = client.value.send(request, to: group, fallbacks: fallbacks, receiver: recorder)
        }
        return try await promise.futureResult.get()
    }

    /// Sends a request without waiting for its end.
    func start(to group: ModelGroup, watch: @escaping @Sendable (Recorder.Event, UpstreamCall) -> Void) {
        eventLoop.execute { [client] in
            let recorder = Recorder(watch: watch) { Issue.record("the call went on to its end: \($0)") }
            let body = RequestBody(ByteBuffer(string: "{}"), modelLiteral: nil)
            let request = UpstreamRequest(callType: Calls.chat, body: body)
            recorder.call = client.value.send(request, to: group, receiver: recorder)
        }
    }

    /// [on the loop] Lets the deadlines notice what has passed.
    func tick() { client.value.deadlines.tick() }

    func onLoop<T: Sendable>(_ body: @escaping @Sendable (UpstreamClient) -> T) async throws -> T {
        try await eventLoop.submit { [client] in body(client.value) }.get()
    }
}

/// The outcome of a request.
struct Recording: Sendable {
    var head: UpstreamHead?
    var body = ""
    var pieces = 0
    var error: UpstreamError?
    var deployment: String?
    var retries = 0
}

final class Recorder: UpstreamReceiver {
    enum Event: Sendable {
        case head
        case body
        case readComplete
    }

    var call: UpstreamCall?
    private var recording = Recording()
    private let watch: (Event, UpstreamCall) -> Void
    private let done: (Recording) -> Void

    init(watch: @escaping (Event, UpstreamCall) -> Void, done: @escaping (Recording) -> Void) {
        self.watch = watch
        self.done = done
    }

    func upstreamHead(_ head: UpstreamHead) {
        recording.head = head
        tell(.head)
    }

    func upstreamBody(_ bytes: ByteBuffer) {
        recording.body += String(buffer: bytes)
        recording.pieces += 1
        tell(.body)
    }

    func upstreamReadComplete() { tell(.readComplete) }

    func upstreamEnd() { finish() }

    func upstreamFailed(_ error: UpstreamError) {
        recording.error = error
        finish()
    }

    private func tell(_ event: Event) {
        if let call { watch(event, call) }
    }

    private func finish() {
        recording.deployment = call?.deployment?.id
        recording.retries = call?.retries ?? -1
        call = nil
        done(recording)
    }
}

/// A group whose deployments are servers on this machine.
func group(
    at ports: [Int],
    scheme: String = "http",
    host: String = "127.0.0.1",
    numRetries: Int = 0,
    timeout: TimeAmount? = nil,
    streamTimeout: TimeAmount? = nil
) throws -> ModelGroup {
    let descriptions = ports.map {
        DeploymentDescription(
            modelName: "m",
            model: "openai/real-model",
            apiBase: "\(scheme)://\(host):\($0)/v1",
            apiKey: "sk-test",
            timeout: timeout,
            streamTimeout: streamTimeout
        )
    }
    let (directory, problems) = ModelDirectory.make(
        descriptions,
        defaults: DeploymentDefaults(numRetries: numRetries),
        calls: Calls.table,
        environment: { _ in nil }
    )
    guard problems.isEmpty, let group = directory.group(named: "m") else { throw Unexpected(problems.description) }
    return group
}

/// A clock that the test advances.
final class ManualClock: Sendable {
    private let time = Mutex(NIODeadline.now())
    var now: NIODeadline { time.withLock { $0 } }
    func advance(by amount: TimeAmount) { time.withLock { $0 = $0 + amount } }
}

/// A counter for any thread.
final class Counter: Sendable {
    private let value = Mutex(0)
    var count: Int { value.withLock { $0 } }
    func next() -> Int {
        value.withLock {
            $0 += 1
            return $0
        }
    }
}

struct Unexpected: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}
