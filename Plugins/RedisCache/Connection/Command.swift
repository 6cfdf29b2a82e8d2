import PluginKit

/// [I/O thread] A command that is sent over a connection and answered by one reply.
protocol Command: AnyObject {
    /// Whether the reply is still wanted. If not, the command is not sent, or its reply is skipped as it is received.
    var isWanted: Bool { get }

    /// The expected form of its reply.
    var expectedReply: ExpectedReply { get }

    /// Appends the encoded command to the output.
    func encode(into output: inout OutputBuffer)

    /// The reply has been received, which the command frees or leases from now on. It is called once, unless `skipped`
    /// or `failed` is.
    /// - Throws: if the reply cannot be an answer to this command, so that replies and commands no longer match.
    func received(_ reply: Reply, on connection: RedisConnection) throws(BackendFailure)

    /// The reply has been received and was not kept, since it was no longer wanted.
    func skipped()

    /// The command was not answered and will not be. It is called once, unless `received` or `skipped` is.
    func failed(_ failure: BackendFailure)
}

/// [I/O thread] A command of the plugin's own, such as the query for the layout of a cluster.
final class ServerQuery: Command {
    private let arguments: [String]
    let expectedReply: ExpectedReply
    private var answer: ((Result<Reply, BackendFailure>) -> Void)?

    /// - Parameters:
    ///   - arguments: the command's arguments.
    ///   - expected: the expected form of the reply.
    ///   - answer: called once with the reply, which it must not keep, or with the failure.
    init(
        _ arguments: [String],
        expecting expected: ExpectedReply = .listing,
        answer: @escaping (Result<Reply, BackendFailure>) -> Void
    ) {
        self.arguments = arguments
        expectedReply = expected
        self.answer = answer
    }

    var isWanted: Bool { true }

    func encode(into output: inout OutputBuffer) {
        output.command(arguments.count)
        for argument in arguments { output.argument(argument) }
    }

    func received(_ reply: Reply, on connection: RedisConnection) throws(BackendFailure) {
        let answer = answer.take()
        if reply.kind == .error {
            let text = reply.message
            let status = ServerError(text, asked: nil).status
            answer?(.failure(BackendFailure(status, "\(connection.name) answered: \(text)")))
        } else {
            answer?(.success(reply))
        }
        reply.free()
    }

    func skipped() { answer = nil }

    func failed(_ failure: BackendFailure) { answer.take()?(.failure(failure)) }
}
