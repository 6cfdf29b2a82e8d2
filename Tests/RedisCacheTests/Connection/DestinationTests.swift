import PluginKit
import Testing

@testable import RedisCache

@Suite("The destination of a connection")
struct DestinationTests {
    private func destination(_ endpoint: RedisEndpoint?) -> Destination {
        var destination = Destination()
        destination.endpoint = endpoint
        return destination
    }

    @Test("is found without a name server where the server is named by its address or path")
    func known() {
        for endpoint in [
            RedisEndpoint.tcp(host: "127.0.0.1", port: 1), .tcp(host: "::1", port: 1), .unix(path: "/run/redis.sock"),
        ] {
            guard case .known(let addresses) = destination(endpoint).resolution else {
                Issue.record("\(endpoint) is not found")
                continue
            }
            #expect(addresses.count == 1)
        }
    }

    @Test("must be asked for where the server has a name")
    func names() {
        let named = destination(.tcp(host: "redis.internal", port: 6380))
        guard case .name("redis.internal", 6380) = named.resolution else {
            return #expect(Bool(false), "not asked for")
        }
    }

    @Test("is nowhere while there is no server, or the path of its socket is too long")
    func impossible() {
        for endpoint in [nil, RedisEndpoint.unix(path: String(repeating: "p", count: 200))] {
            guard case .impossible(let failure) = destination(endpoint).resolution else {
                Issue.record("found")
                continue
            }
            #expect(failure.status == .unavailable)
        }
        #expect(destination(nil).name == "the server")
    }

    @Test("is tried address by address, each once")
    func addresses() throws {
        var destination = destination(.tcp(host: "h", port: 1))
        let address = try #require(SocketAddress(path: "/a"))
        destination.setAddresses([address, address])
        #expect(destination.hasMoreAddresses)
        #expect(destination.nextAddress() != nil && destination.nextAddress() != nil)
        #expect(!destination.hasMoreAddresses && destination.nextAddress() == nil)
    }
}
