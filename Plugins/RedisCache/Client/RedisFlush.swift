import PluginKit

/// [I/O thread] Removes every key with a prefix, and no other, by SCAN on each server and UNLINK of the found keys. It
/// never uses FLUSHALL, since the server may hold other data.
final class RedisFlush {
    private let client: RedisClient
    private let router: any Router
    private let request: OperationRequest
    private let operation: FlushOperation
    private let pattern: String
    private var removed: UInt64 = 0

    init(_ client: RedisClient, _ router: any Router, _ request: OperationRequest, _ operation: FlushOperation) {
        self.client = client
        self.router = router
        self.request = request
        self.operation = operation
        pattern = Self.pattern(operation.prefix)
    }

    func start() {
        client.everyServer(of: router, for: request, to: "flush") { [self] connections in
            request.expect(parts: connections.count)
            for connection in connections { scan(connection, cursor: "0") }
        }
    }

    private func scan(_ connection: RedisConnection, cursor: String) {
        let arguments = ["SCAN", cursor, "MATCH", pattern, "COUNT", "1000"]
        connection.send(
            ServerQuery(arguments) { [self] result in
                guard request.isOpen else { return }
                switch result {
                case .failure(let failure): client.fail(request, client.judged(failure, at: []))
                case .success(let reply): found(reply, connection)
                }
            }
        )
    }

    private func found(_ reply: Reply, _ connection: RedisConnection) {
        guard let cursor = reply[0].flatMap(Self.cursor), let keys = reply[1], keys.kind == .array else {
            let reason = "\(connection.name) does not answer SCAN as Redis does"
            return client.fail(request, BackendFailure(.badAnswer, reason))
        }
        let groups = router.groups(keys.items.filter(isOurs))
        guard !groups.isEmpty else { return next(connection, cursor) }
        var left = groups.count
        for group in groups {
            let command = client.usesUnlink ? "UNLINK" : "DEL"
            connection.send(
                ServerQuery([command] + group.map { $0.text ?? "" }) { [self] result in
                    guard request.isOpen else { return }
                    switch result {
                    case .failure(let failure): return client.fail(request, client.judged(failure, at: []))
                    case .success(let reply): removed += UInt64(clamping: reply.integer ?? 0)
                    }
                    left -= 1
                    if left == 0 { next(connection, cursor) }
                }
            )
        }
    }

    /// Whether a key is text and has the prefix, independently of what the server claims.
    private func isOurs(_ key: Reply) -> Bool {
        key.kind == .string && key.bytes.starts(with: operation.prefix)
            && String(validating: key.bytes, as: UTF8.self) != nil
    }

    /// The cursor with which a scan continues, which is a number.
    private static func cursor(_ reply: Reply) -> String? {
        guard (1...20).contains(reply.bytes.count),
            reply.bytes.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return reply.text
    }

    private func next(_ connection: RedisConnection, _ cursor: String) {
        guard cursor == "0" else { return scan(connection, cursor: cursor) }
        operation.report(removed: removed)
        if request.partDone() { client.over(request) }
    }

    /// The pattern that matches every key that begins with the prefix.
    static func pattern(_ prefix: UnsafeRawBufferPointer) -> String {
        var pattern = ""
        for scalar in String(decoding: prefix, as: UTF8.self).unicodeScalars {
            if "*?[]^\\".unicodeScalars.contains(scalar) { pattern += "\\" }
            pattern.unicodeScalars.append(scalar)
        }
        return pattern + "*"
    }
}
