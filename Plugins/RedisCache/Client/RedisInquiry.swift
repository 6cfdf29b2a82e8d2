import Glibc
import PluginKit

/// [I/O thread] Answers what operators want to know of the servers: `info` is INFO of the first server, and `clients` is
/// CLIENT LIST of all, one after another. Neither has a secret.
final class RedisInquiry {
    private let client: RedisClient
    private let router: any Router
    private let request: OperationRequest
    private let operation: GetOperation
    /// The longest text that is taken from a server, in bytes.
    private static let longest = 4 << 20

    init(_ client: RedisClient, _ router: any Router, _ request: OperationRequest, _ operation: GetOperation) {
        self.client = client
        self.router = router
        self.request = request
        self.operation = operation
    }

    func start() {
        client.everyServer(of: router, for: request, to: "ask") { [self] connections in
            request.expect(parts: operation.count)
            for index in 0..<operation.count { ask(index, connections) }
        }
    }

    private func ask(_ index: Int, _ connections: [RedisConnection]) {
        let name = String(decoding: operation.key(index), as: UTF8.self)
        switch name {
        case "info": ask(index, ["INFO"], Array(connections.prefix(1)), "")
        case "clients": ask(index, ["CLIENT", "LIST"], connections, "")
        default:
            request.set(index, .miss)
            if request.partDone() { client.over(request) }
        }
    }

    /// Asks one server after another.
    private func ask(_ index: Int, _ command: [String], _ connections: [RedisConnection], _ text: String) {
        guard let connection = connections.first else { return answer(index, text) }
        let expected = ExpectedReply(longestString: Self.longest, allStrings: Self.longest, parts: 1)
        connection.send(
            ServerQuery(command, expecting: expected) { [self] result in
                guard request.isOpen else { return }
                switch result {
                case .failure(let failure): client.fail(request, client.judged(failure, at: []))
                case .success(let reply) where reply.kind == .string:
                    let said = String(decoding: reply.bytes, as: UTF8.self)
                    ask(index, command, Array(connections.dropFirst()), text + said)
                case .success:
                    let reason = "\(connection.name) does not answer \(command.joined(separator: " ")) as Redis does"
                    client.fail(request, BackendFailure(.badAnswer, reason))
                }
            }
        )
    }

    private func answer(_ index: Int, _ text: String) {
        var text = text
        text.withUTF8 { text in
            guard let block = malloc(max(1, text.count)) else {
                request.set(index, .tooLarge)
                return
            }
            if let start = text.baseAddress { block.copyMemory(from: start, byteCount: text.count) }
            request.hit(index, block, count: text.count, block: block)
        }
        if request.partDone() { client.over(request) }
    }
}
