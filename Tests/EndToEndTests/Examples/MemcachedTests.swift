import Foundation
import PluginConformance
import Testing

extension OutsideTheTree {
    /// examples/plugins/memcached, in front of a real server.
    @Suite("The memcached plugin", .timeLimit(.minutes(5)))
    struct MemcachedTests {
        private static func plugin() async throws -> TestedPlugin {
            let folder = try await ExamplePlugin.built("memcached")
            return try TestedPlugin(library: folder.appending(path: "libgateway-cache-memcached.so").path)
        }

        private func connect(_ server: MemcachedServer, timeout: String = "1s", largestValue: UInt64 = 0) async throws
            -> PluginDriver
        {
            var style = HostStyle()
            style.largestValue = largestValue
            let driver = try PluginDriver(
                try await Self.plugin(),
                ["host": "127.0.0.1", "port": "\(server.port)", "timeout": timeout],
                style: style
            )
            #expect(driver.start().wait()?.status == 0)
            return driver
        }

        @Test("A batch is answered item by item, repeated keys and any bytes included")
        func batch() async throws {
            let server = try await MemcachedServer.start()
            defer { withExtendedLifetime(server) {} }
            let driver = try await connect(server)
            let bytes = Array(UInt8.min...UInt8.max) + Array("\r\nEND\r\nVALUE a 0 1\r\n".utf8)
            let items = (0..<32).map { TestedItem("key:\($0)", [bytes, [UInt8($0)]], ttlMilliseconds: 60_000) }
            #expect(driver.set(items.filter { $0.key != "key:7" }).wait()?.statuses == Array(repeating: 0, count: 31))
            let found = try #require(driver.get(items.prefix(30).map(\.key) + ["key:1", "key:0"]).wait())
            let expected = (Array(0..<30) + [1, 0]).map { $0 == 7 ? nil : bytes + [UInt8($0)] }
            #expect(found.bytes == expected)
            driver.release(found.leases)
            #expect(driver.delete("key:1", "key:7").wait()?.statuses == [0, 1])
            try driver.end()
        }

        @Test("A value that is larger than the server stores, or the gateway reads, is too large, and others go on")
        func sizes() async throws {
            let server = try await MemcachedServer.start(["-I", "2m"])
            let driver = try await connect(server, largestValue: 1_000_000)
            let (small, large) = (
                Array(repeating: UInt8(1), count: 900_000), Array(repeating: UInt8(2), count: 1_900_000)
            )
            let items = [
                TestedItem("a", [small]), TestedItem("b", [Array(repeating: 3, count: 3 << 20)]),
                TestedItem("c", [Array(repeating: 4, count: 2 << 20)]), TestedItem("d", [large]),
                TestedItem("e", [[5]]),
            ]
            #expect(driver.set(items).wait()?.statuses == [0, -8, -8, 0, 0])
            let found = try #require(driver.get("a", "d", "e", "b").wait())
            #expect(found.statuses == [0, -8, 0, 1])
            #expect(found.bytes.first == small)
            driver.release(found.leases)
            try driver.end()
        }

        @Test("A time to live of more than thirty days is kept, and a short one is over when it is over")
        func lifetimes() async throws {
            let server = try await MemcachedServer.start()
            defer { withExtendedLifetime(server) {} }
            let driver = try await connect(server)
            #expect(driver.set("month", "a", ttl: 40 * 86_400_000).wait()?.statuses == [0])
            #expect(driver.set("ever", "b", ttl: 0).wait()?.statuses == [0])
            #expect(driver.set("short", "c", ttl: 900).wait()?.statuses == [0])
            try await Task.sleep(for: .milliseconds(2_100))
            let found = try #require(driver.get("month", "ever", "short").wait())
            #expect(found.values == ["a", "b", nil])
            driver.release(found.leases)
            try driver.end()
        }

        @Test("After a timeout no late answer is taken for that to another command")
        func timeout() async throws {
            let server = try await MemcachedServer.start()
            let driver = try await connect(server, timeout: "100ms")
            for name in ["a", "b"] { #expect(driver.set(name, "value of \(name)").wait()?.statuses == [0]) }
            try await server.freeze()
            let late = try #require(driver.get("a").wait())
            #expect(late.status == -4 && late.leases.isEmpty && late.reason.contains("in time"), "\(late.reason)")
            server.thaw()
            for _ in 0..<20 {
                let found = try #require(driver.get("b").wait())
                #expect(found.values == ["value of b"])
                driver.release(found.leases)
            }
            #expect(driver.health.map(\.state) == [2, 0])
            try driver.end()
        }

        @Test("A server that was restarted is connected to again, without a failure, and one that is down is reported")
        func restart() async throws {
            let server = try await MemcachedServer.start()
            let driver = try await connect(server)
            #expect(driver.set("a", "b").wait()?.statuses == [0])
            try await server.kill()
            try await server.restart()
            #expect(driver.get("a").wait()?.statuses == [1])
            try await server.kill()
            let failed = try #require(driver.get("a").wait())
            #expect(failed.status == -6 && failed.reason.contains("127.0.0.1:\(server.port)"), "\(failed.reason)")
            #expect(driver.health.last?.state == 2)
            let another = try await connect(server)
            #expect(another.health.last?.state == 2, "a start does not fail where the server is down")
            try another.end()
            try driver.end()
        }

        @Test("A server that is no memcached is an error, and its bytes reach nobody")
        func stranger() async throws {
            let redis = try await RedisServer.start()
            let driver = try PluginDriver(try await Self.plugin(), ["port": "\(redis.port)", "timeout": "300ms"])
            #expect(driver.start().wait()?.status == 0)
            let found = try #require(driver.get("a").wait())
            #expect(found.status == -10 || found.status == -4, "\(found.status) \(found.reason)")
            #expect(found.leases.isEmpty)
            try driver.end()
        }
    }
}
