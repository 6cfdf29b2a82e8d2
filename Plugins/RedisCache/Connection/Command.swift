import PluginKit

/// [I/O thread] What is sent over a connection and answered by one reply.
protocol Command: AnyObject {
    /// Whether anybody still waits for it; if not it is not sent at all, or its reply is skipped as it arrives.
    var isWanted: Bool { get }

    /// What its reply may be.
    var expectedReply: ExpectedReply { get }

    /// Appends itself to what is to be sent.
    func encode(into output: inout OutputBuffer)

    /// The reply has come, which the command frees or leases from now on. Called once, unless `skipped` or `failed` is.
    /// - Throws: if the reply cannot be an answer to this command, so that replies and commands do not match any more.
    func received(_ reply: Reply, on connection: RedisConnection) throws(BackendFailure)

    /// The reply has come and was not kept, since nobody waited for it.
    func skipped()

    /// The command was not answered and will not be. Called once, unless `received` or `skipped` is.
    func failed(_ failure: BackendFailure)
}

/// [I/O thread] A command of the plugin's own, such as the one that asks for the layout of a cluster.
final class ServerQuery: Command {
    private let arguments: [String]
    private var answer: ((Result<Reply, BackendFailure>) -> Void)?

    /// - Parameters:
    ///   - arguments: the command's words.
    ///   - answer: gets the reply, which it must not keep, or the failure; once.
    init(_ arguments: [String], answer: @escaping (Result<Reply, BackendFailure>) -> Void) {
        self.arguments = arguments
        self.answer = answer
    }

    var isWanted: Bool { true }

    var expectedReply: ExpectedReply { .listing }

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
