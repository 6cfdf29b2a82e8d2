import Dispatch
import NIOCore

/// The server's part on every event loop.
struct ServerLoops: Sendable {
    /// The event loop serves no connections.
    struct NotServing: Error {}

    // It is Sendable although a ServerLoop is not, because each is used on its own loop only, which NIOLoopBound
    // checks.
    private let loops: [(id: ObjectIdentifier, loop: NIOLoopBound<ServerLoop>)]

    init(_ loops: [NIOLoopBound<ServerLoop>]) {
        self.loops = loops.map { (ObjectIdentifier($0.eventLoop), $0) }
    }

    /// [on the loop] The server's part on `eventLoop`.
    func loop(of eventLoop: any EventLoop) throws -> ServerLoop {
        let id = ObjectIdentifier(eventLoop)
        for (candidate, loop) in loops where candidate == id { return loop.value }
        throw NotServing()
    }

    /// Stops on every loop: see `ServerLoop.stop`. The future belongs to any loop, and succeeds once no connection has
    /// a request.
    func stop(on group: any EventLoopGroup) -> EventLoopFuture<Void> {
        all(on: group) { $0.stop($1) }
    }

    /// Ends the connections that `stop` left: see `ServerLoop.finish`. The future succeeds once no connection is left.
    func finish(on group: any EventLoopGroup) -> EventLoopFuture<Void> {
        all(on: group) { $0.finish($1) }
    }

    private func all(
        on group: any EventLoopGroup,
        _ body: @escaping @Sendable (ServerLoop, _ done: @escaping () -> Void) -> Void
    ) -> EventLoopFuture<Void> {
        let done = loops.map { _, loop in
            let promise = loop.eventLoop.makePromise(of: Void.self)
            loop.eventLoop.execute { body(loop.value) { promise.succeed() } }
            return promise.futureResult
        }
        return EventLoopFuture.andAllSucceed(done, on: group.next())
    }

    /// Runs `body` on every loop.
    func forEach(_ body: @escaping @Sendable (ServerLoop) -> Void) {
        for (_, loop) in loops {
            loop.eventLoop.execute { body(loop.value) }
        }
    }

    /// Enters a group once for each loop, and leaves it as each loop answers.
    func forEachEntering(_ group: DispatchGroup) {
        for (_, loop) in loops {
            group.enter()
            loop.eventLoop.execute { group.leave() }
        }
    }

    /// Runs `body` on one of the loops, always the same.
    func onFirst(_ body: @escaping @Sendable (ServerLoop) -> Void) {
        guard let (_, loop) = loops.first else { return }
        loop.eventLoop.execute { body(loop.value) }
    }

    /// Runs `body` on every loop, one after another, and waits for each. It must not be called on an event loop.
    func onEach<Result: Sendable>(_ body: @escaping @Sendable (ServerLoop) throws -> Result) throws -> [Result] {
        try loops.map { _, loop in try loop.eventLoop.submit { try body(loop.value) }.wait() }
    }
}
