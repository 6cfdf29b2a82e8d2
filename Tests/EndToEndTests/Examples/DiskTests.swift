import Foundation
import PluginConformance
import Testing

extension OutsideTheTree {
    /// examples/plugins/disk: answers in a file.
    @Suite("The disk plugin", .timeLimit(.minutes(5)))
    struct DiskTests {
        private static func plugin() async throws -> TestedPlugin {
            try await TestedPlugin(library: library().path)
        }

        private static func library() async throws -> URL {
            try await ExamplePlugin.built("disk").appending(path: "libgateway-cache-disk.so")
        }

        private func open(_ plugin: TestedPlugin, _ path: String, maxSize: Int = 1 << 30) throws -> PluginDriver {
            let driver = try PluginDriver(plugin, ["path": path, "max_size": "\(maxSize)"])
            #expect(driver.start().wait()?.status == 0)
            return driver
        }

        @Test(
            "Entries survive a restart, with what is left of their time to live, and only their owner can read the file"
        )
        func restart() async throws {
            let folder = try TemporaryDirectory()
            let (plugin, path) = (try await Self.plugin(), folder.url.appending(path: "answers.sqlite").path)
            let first = try open(plugin, path)
            #expect(first.set("kept", "a value").wait()?.statuses == [0])
            #expect(first.set("short", "another", ttl: 300).wait()?.statuses == [0])
            try first.end()
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            try await Task.sleep(for: .milliseconds(350))
            let second = try open(plugin, path)
            let found = try #require(second.get("kept", "short").wait())
            #expect(found.values == ["a value", nil])
            second.release(found.leases)
            try second.end()
        }

        @Test("The file does not grow beyond its size: the oldest entries are removed, and what is larger is refused")
        func size() async throws {
            let folder = try TemporaryDirectory()
            let path = folder.url.appending(path: "answers.sqlite").path
            let driver = try open(try await Self.plugin(), path, maxSize: 1 << 20)
            let value = String(repeating: "v", count: 10_000)
            for number in 0..<1_000 { #expect(driver.set("key:\(number)", value).wait()?.statuses == [0]) }
            #expect(driver.set("large", String(repeating: "v", count: 1 << 20)).wait()?.statuses == [-8])
            let statistics = driver.statistics
            #expect(statistics["items", default: 0] > 80 && statistics["bytes", default: .max] <= 1 << 20)
            #expect(statistics["evictions", default: 0] > 850)
            let found = try #require(driver.get("key:0", "key:999").wait())
            #expect(found.values == [nil, value])
            driver.release(found.leases)
            try driver.end()
            let bytes = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
            #expect(bytes ?? .max < 3 << 19, "\(bytes ?? 0)")
        }

        @Test("A process that is killed while it stores leaves every entry whole and the totals right")
        func killed() async throws {
            let folder = try TemporaryDirectory()
            let (library, path) = (try await Self.library(), folder.url.appending(path: "answers.sqlite").path)
            let source = Repository.root.appending(path: "Tests/EndToEndTests/Plugins/hammer.c").path
            try await Installation.run(
                "cc -std=c11 -O2 -Wall -Werror -o hammer '\(source)' -pthread $(pkg-config --cflags gateway-plugin)",
                in: folder.url
            )
            for round in 0..<6 {
                let hammer = try Command(
                    folder.url.appending(path: "hammer"),
                    [library.path, path, "\(8 << 20)"],
                    directory: folder.url
                )
                _ = try await hammer.standardOutput.first(#/storing/#)
                try await Task.sleep(for: .milliseconds(100 + 37 * round))
                hammer.signal(SIGKILL)
                #expect(try await hammer.status == -SIGKILL, "\(hammer.standardError.text)")
            }
            let driver = try open(try await Self.plugin(), path, maxSize: 8 << 20)
            var count = 0
            for number in 0..<1_000 {
                let found = try #require(driver.get("key:\(number)").wait())
                #expect(found.statuses == [0] || found.statuses == [1], "key \(number): \(found.statuses)")
                if let bytes = found.bytes.first, let bytes {
                    count += 1
                    let whole = (0..<(number * 37 % 40_000)).map { UInt8(truncatingIfNeeded: number + $0) }
                    #expect(bytes == whole, "key \(number)")
                }
                driver.release(found.leases)
            }
            #expect(count > 100)
            try driver.end()
            let check = """
                import sqlite3, sys
                file = sqlite3.connect(sys.argv[1])
                print(file.execute("PRAGMA integrity_check").fetchone()[0], *file.execute(
                    "SELECT (SELECT items FROM totals) = count(*), (SELECT bytes FROM totals) = sum(size) FROM entries"
                ).fetchone())
                """
            let result = try await Command.run(Command.find("python3"), ["-c", check, path])
            #expect(result.standardOutput.trimmed == "ok 1 1", "\(result.standardOutput)\(result.standardError)")
        }

        @Test("A damaged entry is reported as such, and the others are served")
        func damaged() async throws {
            let folder = try TemporaryDirectory()
            let (plugin, path) = (try await Self.plugin(), folder.url.appending(path: "answers.sqlite").path)
            let first = try open(plugin, path)
            _ = first.set("good", "a value").wait()
            _ = first.set("bad", "a value").wait()
            try first.end()
            let damage =
                "import sqlite3, sys\nwith sqlite3.connect(sys.argv[1]) as file:\n"
                + "    file.execute(\"UPDATE entries SET value = x'612076616c7566' WHERE key = x'626164'\")"
            #expect(try await Command.run(Command.find("python3"), ["-c", damage, path]).status == 0)
            let second = try open(plugin, path)
            let found = try #require(second.get("good", "bad").wait())
            #expect(found.statuses == [0, -11])
            second.release(found.leases)
            try second.end()
        }

        @Test("A file that can never be used fails the start, with its name")
        func unusable() async throws {
            let driver = try PluginDriver(try await Self.plugin(), ["path": "/nonexistent/answers.sqlite"])
            let outcome = try #require(driver.start().wait())
            #expect(outcome.status == -6 && outcome.reason.contains("/nonexistent/answers.sqlite"), "\(outcome.reason)")
            try driver.destroy()
        }
    }
}
