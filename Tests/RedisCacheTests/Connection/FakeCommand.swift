import PluginKit

@testable import RedisCache

/// A command with a name, for tests without a server.
final class FakeCommand: Command {
    let name: String
    var isWanted = true

    init(_ name: String) { self.name = name }

    let expectedReply = ExpectedReply.short

    func encode(into output: inout OutputBuffer) {
        output.command(1)
        output.argument(name)
    }

    func received(_ reply: Reply, on connection: RedisConnection) throws(BackendFailure) { reply.free() }

    func skipped() {}

    func failed(_ failure: BackendFailure) {}
}
