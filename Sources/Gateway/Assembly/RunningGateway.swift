import Dispatch
import Logging
import NIOCore
import NIOPosix
import PluginHost
import Synchronization
import Upstream

/// A running gateway: the server on every event loop, and the generation that answers the requests that begin now.
///
/// It is started, changed and stopped from one thread, which is not an event loop.
final class RunningGateway: Sendable {
    let resources: ServerResources
    let loops: ServerLoops
    private let state: Mutex<State>

    private struct State {
        var generation: Generation
        /// What the generation was made of.
        var blueprint: Blueprint
    }

    /// [control] Makes the first generation, and the server's part on every event loop of the group. The server does
    /// not listen yet.
    ///
    /// - Throws: `PluginError` where the cache backend refuses its configuration.
    init(_ blueprint: Blueprint, _ resources: ServerResources, on group: any EventLoopGroup) throws {
        self.resources = resources
        let generation = try Generation(blueprint, resources)
        resources.adopt(generation.limits)
        state = Mutex(State(generation: generation, blueprint: blueprint))
        let loops = try group.makeIterator().map { eventLoop in
            try eventLoop.submit {
                NIOLoopBound(try Self.server(on: eventLoop, generation), eventLoop: eventLoop)
            }.wait()
        }
        self.loops = ServerLoops(loops)
        watchBackend(of: generation)
    }

    /// The generation that answers the requests that begin now.
    var current: Generation { state.withLock { $0.generation } }

    /// [control] Applies another configuration. Requests and flights that have begun continue with the generation that
    /// they began with, whose backend is shut down after the last of them has ended. Connections to deployments that no
    /// longer exist are closed.
    ///
    /// The new generation is complete before it answers any request. Where making it fails, nothing has changed; a backend
    /// whose plugin permits one instance at a time begins anew then.
    ///
    /// - Throws: `WrongConfiguration` where there is no model, `CannotServe` where certificates cannot be read,
    ///   `PluginError` where the cache backend refuses its configuration.
    func replace(with blueprint: Blueprint) throws {
        try blueprint.requireModels()
        try blueprint.loadCertificates()
        let hasEnded = try endExclusiveBackend(before: blueprint)
        do {
            try serve(try Generation(blueprint, resources, after: current), blueprint)
        } catch {
            if hasEnded {
                let present = state.withLock { $0.blueprint }
                try serve(try Generation(present, resources, after: current), present)
            }
            throw error
        }
    }

    /// [control] Has a generation answer the requests that begin from now on.
    private func serve(_ next: Generation, _ blueprint: Blueprint) throws {
        let handlers = try loops.onEach { loop in
            try NIOLoopBound(Self.dispatcher(next, after: loop), eventLoop: loop.eventLoop)
        }
        state.withLock { $0 = State(generation: next, blueprint: blueprint) }
        resources.adopt(next.limits)
        _ = try loops.onEach { loop in
            guard let handler = handlers.first(where: { $0.eventLoop === loop.eventLoop })?.value else { return }
            (loop.handler as? Dispatcher)?.worker.retire()
            loop.adopt(handler, next.limits, next.routes)
            loop.meter(handler.worker)
            handler.worker.upstream.adopt(next.upstream, serving: next.models.groups + next.endpoints.map(\.group))
        }
        watchBackend(of: next)
    }

    /// [control] Ends the present backend where its plugin permits one instance at a time (rule C-8). Requests go
    /// uncached until the next generation serves.
    ///
    /// - Returns: whether it had to be ended.
    private func endExclusiveBackend(before blueprint: Blueprint) throws -> Bool {
        guard let backend = current.backend, backend.excludes(blueprint.backend) else { return false }
        resources.log.notice("\(backend.plugin.title) permits one instance at a time; requests go uncached meanwhile")
        guard backend.stop() else {
            throw PluginError(
                .stillRunning,
                path: backend.plugin.path,
                "\(backend.plugin.title) has not ended its former instance, and permits one at a time"
            )
        }
        return true
    }

    /// [on the loop] Makes the server's part on an event loop.
    private static func server(on eventLoop: any EventLoop, _ generation: Generation) throws -> ServerLoop {
        let resources = generation.resources
        let loop = try LoopResources(
            eventLoop: eventLoop,
            memory: resources.memory,
            upstream: generation.upstream,
            metrics: resources.observation.metrics.addLoop(eventLoop)
        )
        let worker = try Worker(generation, on: loop)
        let server = ServerLoop(
            eventLoop: eventLoop,
            resources: resources,
            deadlines: loop.deadlines,
            memory: loop.memory,
            handler: Dispatcher(worker),
            limits: generation.limits,
            routes: generation.routes
        )
        server.meter(worker)
        return server
    }

    /// [on the loop] Makes the dispatcher that is to answer the requests on an event loop from now on.
    private static func dispatcher(_ generation: Generation, after loop: ServerLoop) throws -> Dispatcher {
        guard let present = loop.handler as? Dispatcher else { throw ServerLoops.NotServing() }
        return Dispatcher(try Worker(generation, on: present.worker.loop, after: present.worker))
    }

    /// Makes one event loop watch the backend of a generation.
    private func watchBackend(of generation: Generation) {
        loops.onFirst { loop in
            guard let worker = (loop.handler as? Dispatcher)?.worker, worker.generation === generation else { return }
            worker.watchBackend()
        }
    }

    // MARK: The end

    /// [control] Lets requests in flight finish, and cuts off those that take longer than `limit`.
    func drain(on group: any EventLoopGroup, within limit: TimeAmount) {
        let timeout = group.next().scheduleTask(in: limit) { [loops, log = resources.log] in
            log.warning("requests are still open after \(limit.nanoseconds / 1_000_000_000) s and are cut off")
            loops.forEach { $0.abandon() }
        }
        try? loops.stop(on: group).wait()
        try? loops.finish(on: group).wait()
        timeout.cancel()
    }

    /// [control] Stops the cache backend, once it has what was to be stored, and waits for those of former generations to
    /// end. It may block for a while.
    func stopBackends() {
        current.backend?.stop()
        let former = DispatchSemaphore(value: 0)
        resources.control.submit { _ in former.signal() }
        former.wait()
    }
}
