import PluginAPI
import PluginConformance
import PluginKit
import Testing

@testable import LocalCache

/// An instance of the local plugin with eight megabytes, values of up to one, and a stopped clock. Every operation ends
/// before its call returns.
struct LocalPlugin {
    let driver: PluginDriver

    static func plugin() throws -> TestedPlugin { try TestedPlugin(entry: export.answer) }

    init() throws {
        driver = try PluginDriver(
            Self.plugin(),
            ["max_size": "8MB", "max_item_size": "1MB"],
            clock: HostClock(stoppedAt: 1_000_000_000)
        )
    }

    /// Stores one item and returns its status.
    func set(_ key: String, _ parts: [[UInt8]], ttl: UInt64 = 0) throws -> Int32? {
        let item = TestedItem(key, parts, ttlMilliseconds: ttl)
        return try outcome(driver.set([item])).statuses.first
    }

    /// The values of keys, whose leases are released.
    func get(_ keys: [String]) throws -> [[UInt8]?] {
        let outcome = try outcome(driver.get(keys))
        driver.release(outcome.leases)
        return outcome.bytes
    }

    func delete(_ key: String) throws -> Int32? { try outcome(driver.delete(key)).statuses.first }

    /// Flushes and returns how many entries were removed.
    func flush(_ prefix: String) throws -> UInt64 { try outcome(driver.flush(prefix)).removed }

    func outcome(_ operation: PendingOperation) throws -> PendingOperation.Outcome {
        let outcome = try #require(operation.wait(seconds: 0), "the operation is pending")
        #expect(outcome.status == GW_OK, "\(outcome.reason)")
        return outcome
    }

    /// Frees the instance, and expects that it broke no rule.
    func end() throws {
        try driver.end()
        #expect(driver.violations.isEmpty)
    }
}
