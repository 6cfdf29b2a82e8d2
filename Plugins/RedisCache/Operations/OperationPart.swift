import PluginKit
import Synchronization

/// [I/O thread] The items of an operation that go into one command: all of them, or those whose keys are in one place.
final class OperationPart: Command {
    enum Items {
        case one(Int)
        case some([Int])
        /// All items of the operation, in order.
        case all(Int)

        var count: Int {
            switch self {
            case .one: 1
            case .some(let indexes): indexes.count
            case .all(let count): count
            }
        }

        /// The item at a place within the command.
        subscript(place: Int) -> Int {
            switch self {
            case .one(let index): index
            case .some(let indexes): indexes.indices.contains(place) ? indexes[place] : 0
            case .all: place
            }
        }
    }

    let request: OperationRequest
    let items: Items
    private unowned let owner: any OperationOwner
    /// How often it was redirected or sent again.
    var redirections = 0
    /// The server that it was sent to, where that is one of several.
    weak var server: (any MonitoredServer)?
    /// The greatest size of all values of one command together, in bytes, unless a single value is larger.
    private static let mostBytes = 64 << 20

    init(_ owner: any OperationOwner, _ request: OperationRequest, _ items: Items) {
        self.owner = owner
        self.request = request
        self.items = items
    }

    var isWanted: Bool { request.isOpen }

    /// Whether a client waits for it.
    var isLookup: Bool { if case .get = request.operation { true } else { false } }

    var expectedReply: ExpectedReply {
        guard case .get = request.operation else { return .short }
        let longest = owner.instance.largestValue
        return ExpectedReply(
            longestString: longest,
            allStrings: max(Self.mostBytes, longest),
            parts: items.count == 1 ? 1 : items.count + 1
        )
    }

    /// The key that determines where the command is sent. Use it only while the request is open.
    var key: UnsafeRawBufferPointer { request.key(items[0]) }

    func encode(into output: inout OutputBuffer) {
        switch request.operation {
        case .get:
            output.command(items.count + 1)
            if items.count == 1 {
                output.argument("GET" as StaticString)
            } else {
                output.argument("MGET" as StaticString)
            }
            for place in 0..<items.count { output.argument(request.key(items[place])) }
        case .set(let operation): encodeSet(operation, into: &output)
        case .delete:
            output.command(2)
            if owner.usesUnlink {
                output.argument("UNLINK" as StaticString)
            } else {
                output.argument("DEL" as StaticString)
            }
            output.argument(key)
        case .ping, .flush, .inquire:
            output.command(1)
            output.argument("PING" as StaticString)
        }
    }

    private func encodeSet(_ operation: SetOperation, into output: inout OutputBuffer) {
        guard let item = operation.item(items[0]) else { return }
        output.command(3 + (item.ttlMilliseconds > 0 ? 2 : 0))
        output.argument("SET" as StaticString)
        output.argument(item.key)
        output.argument(count: item.valueCount ?? 0) { output in
            for index in 0..<item.partCount { output.append(item.part(index)) }
        }
        if item.ttlMilliseconds > 0 {
            output.argument("PX" as StaticString)
            output.argument(min(item.ttlMilliseconds, UInt64(Int64.max / 2)))
        }
    }

    // MARK: Outcomes

    func received(_ reply: Reply, on connection: RedisConnection) throws(BackendFailure) {
        server?.answered(self)
        if reply.kind == .error {
            let text = reply.message
            reply.free()
            return try owner.serverSaid(text, to: self, on: connection)
        }
        server?.serves()
        guard request.isOpen else { return reply.free() }
        let fits = take(reply)
        guard fits else {
            let failure = BackendFailure(.badAnswer, "\(connection.name) answers another question than the one asked")
            failed(failure)
            throw failure
        }
        if request.partDone() { owner.over(request) }
    }

    func skipped() { server?.answered(self) }

    func failed(_ failure: BackendFailure) {
        server?.failed(self)
        guard request.isOpen else { return }
        let failure = owner.judged(failure, at: server.map { [$0] } ?? [])
        for place in 0..<items.count { request.set(items[place], failure.status) }
        owner.instance.statistics.failures.add(1, ordering: .relaxed)
        if request.partFailed(failure) { owner.over(request) }
    }

    /// - Returns: whether the reply is valid for this command. It is leased or freed.
    private func take(_ reply: Reply) -> Bool {
        switch request.operation {
        case .get:
            if items.count == 1 { return takeValue(reply, items[0]) }
            defer { reply.free() }
            guard reply.kind == .array, reply.count == items.count else { return false }
            for place in 0..<items.count {
                guard let value = reply.take(place), takeValue(value, items[place]) else { return false }
            }
            return true
        case .set:
            defer { reply.free() }
            if reply.isNull { request.set(items[0], .miss) }
            return reply.isOK || reply.isNull
        case .delete:
            defer { reply.free() }
            if reply.integer == 0 { request.set(items[0], .miss) }
            return reply.integer != nil
        case .ping, .flush, .inquire:
            defer { reply.free() }
            return reply.kind == .status
        }
    }

    private func takeValue(_ reply: Reply, _ index: Int) -> Bool {
        switch reply.kind {
        case .string:
            owner.instance.statistics.hits.add(1, ordering: .relaxed)
            request.hit(index, reply.address + Reply.headerSize, count: reply.bytes.count, block: reply.address)
            return true
        case .oversized:
            owner.instance.statistics.failures.add(1, ordering: .relaxed)
            request.set(index, .tooLarge)
            reply.free()
            return true
        case .null:
            owner.instance.statistics.misses.add(1, ordering: .relaxed)
            reply.free()
            return true
        default:
            reply.free()
            return false
        }
    }
}
