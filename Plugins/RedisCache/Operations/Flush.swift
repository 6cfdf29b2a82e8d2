import PluginKit

/// Removes every key with a prefix, and no other: SCAN on each server, and UNLINK of what it finds. Never FLUSHALL: the
/// server may hold other people's data.
final class Flush {
    private let client: Client
    private let router: any Router
    private let request: OperationRequest
    private let operation: FlushOperation
    private let pattern: String
    private var removed: UInt64 = 0

    init(_ client: Client, _ router: any Router, _ request: OperationRequest, _ operation: FlushOperation) {
        self.client = client
        self.router = router
        self.request = request
        self.operation = operation
        pattern = Self.pattern(operation.prefix)
    }

    func start() {
        router.everyServer { [self] result in
            guard request.isOpen else { return }
            switch result {
            case .failure(let failure): client.fail(request, client.judged(failure, at: []))
            case .success(let links) where links.isEmpty:
                client.fail(request, BackendFailure(.unavailable, "there is no server to flush"))
            case .success(let links):
                request.expect(parts: links.count)
                for link in links { scan(link, cursor: "0") }
            }
        }
    }

    private func scan(_ link: Link, cursor: String) {
        let arguments = ["SCAN", cursor, "MATCH", pattern, "COUNT", "1000"]
        link.send(
            Query(arguments) { [self] result in
                guard request.isOpen else { return }
                switch result {
                case .failure(let failure): client.fail(request, client.judged(failure, at: []))
                case .success(let reply): found(reply, link)
                }
            }
        )
    }

    private func found(_ reply: Reply, _ link: Link) {
        guard let cursor = reply[0].flatMap(Self.cursor), let keys = reply[1], keys.kind == .array else {
            return client.fail(request, BackendFailure(.badAnswer, "\(link.name) does not answer SCAN as Redis does"))
        }
        let groups = router.groups(keys.items.filter(isOurs))
        guard !groups.isEmpty else { return next(link, cursor) }
        var left = groups.count
        for group in groups {
            let command = client.usesUnlink ? "UNLINK" : "DEL"
            link.send(
                Query([command] + group.map { $0.text ?? "" }) { [self] result in
                    guard request.isOpen else { return }
                    switch result {
                    case .failure(let failure): return client.fail(request, client.judged(failure, at: []))
                    case .success(let reply): removed += UInt64(clamping: reply.integer ?? 0)
                    }
                    left -= 1
                    if left == 0 { next(link, cursor) }
                }
            )
        }
    }

    /// Whether a key is text and has the prefix, whatever the server says.
    private func isOurs(_ key: Reply) -> Bool {
        key.kind == .string && key.bytes.starts(with: operation.prefix)
            && String(validating: key.bytes, as: UTF8.self) != nil
    }

    /// Where a scan goes on: a number.
    private static func cursor(_ reply: Reply) -> String? {
        guard (1...20).contains(reply.bytes.count),
            reply.bytes.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return reply.text
    }

    private func next(_ link: Link, _ cursor: String) {
        guard cursor == "0" else { return scan(link, cursor: cursor) }
        operation.report(removed: removed)
        if request.partDone() { client.over(request) }
    }

    /// The prefix as a pattern that stands for itself and whatever follows.
    static func pattern(_ prefix: UnsafeRawBufferPointer) -> String {
        var pattern = ""
        for scalar in String(decoding: prefix, as: UTF8.self).unicodeScalars {
            if "*?[]^\\".unicodeScalars.contains(scalar) { pattern += "\\" }
            pattern.unicodeScalars.append(scalar)
        }
        return pattern + "*"
    }
}
