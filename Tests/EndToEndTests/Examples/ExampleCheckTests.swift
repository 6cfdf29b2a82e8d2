import Foundation
import Testing

extension OneAtATime {
    /// The examples, checked as any author would check theirs. The test of the guide does that with the one in C.
    @Suite("The example plugins pass `gateway plugins check`", .timeLimit(.minutes(4)))
    struct ExampleCheckTests {
        @Test("The disk plugin passes every check")
        func disk() async throws {
            let folder = try TemporaryDirectory()
            let path = folder.url.appending(path: "answers.sqlite").path
            #expect(try await ExamplePlugin.complaints("disk", ["--params", "path=\(path)"]) == nil)
        }

        @Test("The memcached plugin passes every check")
        func memcached() async throws {
            let server = try await MemcachedServer.start()
            defer { withExtendedLifetime(server) {} }
            #expect(try await ExamplePlugin.complaints("memcached", ["--params", "port=\(server.port)"]) == nil)
        }

        /// Those of operations are left out for the sake of time; the conformance suite has them.
        @Test(
            "The examples in memory pass the checks of hosts, leases and completions",
            arguments: ["memory-cpp", "memory-rust", "memory-swift"]
        )
        func memory(name: String) async throws {
            #expect(try await ExamplePlugin.complaints(name, ["--filter", "^(hosts|leases|completion)"]) == nil)
        }
    }
}
