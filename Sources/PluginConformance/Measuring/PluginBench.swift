import Glibc
import PluginAPI
import Synchronization

/// Measures how fast a plugin answers through its interface, by the size of values and of batches.
///
/// Each thread has one operation at a time. The keys begin with `bench:` and are removed at the end, by a flush or one
/// by one, if the plugin can.
public struct PluginBench: Sendable {
    /// What is measured.
    public struct Load: Sendable {
        /// The size of each value, in bytes.
        public let valueBytes: Int
        /// How many items one operation has.
        public let batch: Int

        public init(valueBytes: Int, batch: Int) { (self.valueBytes, self.batch) = (valueBytes, batch) }
    }

    /// A measurement.
    public struct Row: Sendable {
        /// `get` or `set`.
        public let operation: String
        /// What was measured.
        public let load: Load
        /// How many operations ended in a second.
        public let operationsPerSecond: Double
        /// How long an operation took, in microseconds: half of them, 90 %, 99 % and 99.9 % took no longer.
        public let percentiles: [Double]
        /// The part of the items that were found or stored.
        public let success: Double
    }

    /// The plugin cannot be measured.
    public struct Impossible: Error, CustomStringConvertible {
        public let description: String
    }

    private static let keyCount = 256
    private let subject: BenchSubject
    private let threads: Int
    private let prefix: String

    /// Makes and starts an instance.
    public init(_ plugin: TestedPlugin, _ configured: [String: String], threads: Int) throws {
        self.threads = plugin.descriptor.pointee.threads == GW_THREADS_SERIAL ? 1 : threads
        let host = BenchHost(threads: self.threads)
        prefix = "bench:\(String(UInt64.random(in: .min ... .max), radix: 36)):"
        let error = ErrorMemory.make(HostStyle()).pointer(to: gw_error.self)
        var made: OpaquePointer?
        let status = GivenParameters(declaredBy: plugin, configured: configured).lend {
            plugin.descriptor.pointee.create(host.host, $0, error, &made)
        }
        guard status == GW_OK, let made else {
            throw Impossible(description: "there is no instance: \(error.pointee.text)")
        }
        subject = BenchSubject(plugin: plugin.descriptor, cache: made, host: host)
        if let start = plugin.descriptor.pointee.start {
            let status = plain(start)
            guard status == GW_OK else { throw Impossible(description: "the plugin does not start") }
        }
    }

    /// Measures sets and then gets of one load, `seconds` long each.
    public func measure(_ load: Load, seconds: Double) -> [Row] {
        let limit = Int(subject.plugin.pointee.max_batch)
        guard limit == 0 || load.batch <= limit else { return [] }
        // All of it lives as long as the process, which measures and ends.
        let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, load.valueBytes))
        for index in 0..<load.valueBytes { bytes[index] = UInt8(truncatingIfNeeded: index &* 31) }
        let value = UnsafeMutablePointer<gw_slice>.allocate(capacity: 1)
        value.initialize(to: gw_slice(p: bytes, n: UInt64(load.valueBytes)))
        let work = Work(keys: names(), value: value)
        let stored = row("set", load, work, seconds) { $0.store($1, $2, subject) }
        // Every key is looked up, also one that was not reached.
        let operation = BenchOperation(id: 1, count: load.batch, value: value)
        let last = work.keys.count - load.batch
        for first in Array(stride(from: 0, to: last, by: load.batch)) + [last] {
            guard operation.store(work.keys[first..<first + load.batch], 0, subject) != nil else { break }
        }
        return [stored, row("get", load, work, seconds) { $0.lookUp($1, $2, subject) }]
    }

    /// What all threads read. It is unchecked because nobody changes it.
    private struct Work: @unchecked Sendable {
        let keys: [gw_slice]
        let value: UnsafeMutablePointer<gw_slice>
    }

    private func names() -> [gw_slice] {
        (0..<Self.keyCount).map { index in
            let text = "\(prefix)\(index)"
            return gw_slice(p: strdup(text), n: UInt64(text.utf8.count))
        }
    }

    private func row(
        _ name: String,
        _ load: Load,
        _ work: Work,
        _ seconds: Double,
        _ call: @escaping @Sendable (BenchOperation, ArraySlice<gw_slice>, Int) -> Int?
    ) -> Row {
        let all = Mutex<(times: [UInt64], items: Int, done: Int)>(([], 0, 0))
        let began = PluginDriver.now
        let end = began + UInt64(seconds * 1e9)
        Threads.run(threads) { thread in
            let operation = BenchOperation(id: UInt64(thread) + 1, count: load.batch, value: work.value)
            var (times, items, done) = ([UInt64](), 0, 0)
            var place = thread &* 37
            // At least one operation, however late the thread begins.
            repeat {
                let before = PluginDriver.now
                place = (place &+ load.batch) % (work.keys.count - load.batch + 1)
                guard let succeeded = call(operation, work.keys[place..<place + load.batch], thread) else { break }
                times.append(PluginDriver.now - before)
                items += load.batch
                done += succeeded
            } while PluginDriver.now < end
            all.withLock { sum in
                sum.times += times
                sum.items += items
                sum.done += done
            }
        }
        let (times, items, done) = all.withLock { $0 }
        let taken = Double(PluginDriver.now - began) / 1e9
        let sorted = times.sorted()
        let percentiles = [0.5, 0.9, 0.99, 0.999].map { part in
            sorted.isEmpty ? 0 : Double(sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))]) / 1e3
        }
        return Row(
            operation: name,
            load: load,
            operationsPerSecond: Double(times.count) / taken,
            percentiles: percentiles,
            success: items == 0 ? 0 : Double(done) / Double(items)
        )
    }

    /// Removes what was stored, and ends the instance.
    public func end() {
        let keys = names()
        let plugin = subject.plugin.pointee
        if let flush = plugin.flush {
            var operation = gw_flush_op()
            operation.struct_size = UInt32(MemoryLayout<gw_flush_op>.size)
            operation.op.id = 1
            withText(prefix) { text in
                operation.prefix = text
                withUnsafeMutablePointer(to: &operation) { pointer in
                    _ = subject.host.run(0) { flush(subject.cache, pointer) }
                }
            }
        } else if let remove = plugin.del {
            for key in keys {
                var status = GW_OK
                withUnsafeMutablePointer(to: &status) { status in
                    withUnsafePointer(to: key) { key in
                        var operation = gw_del_op()
                        operation.struct_size = UInt32(MemoryLayout<gw_del_op>.size)
                        operation.n = 1
                        operation.op.id = 1
                        operation.keys = key
                        operation.statuses = status
                        withUnsafeMutablePointer(to: &operation) { pointer in
                            _ = subject.host.run(0) { remove(subject.cache, pointer) }
                        }
                    }
                }
            }
        }
        if plain(plugin.shutdown) == GW_OK { plugin.destroy(subject.cache) }
    }

    private func withText(_ text: String, _ body: (gw_slice) -> Void) {
        let bytes = Array(text.utf8)
        bytes.withUnsafeBytes { body(gw_slice(p: $0.baseAddress, n: UInt64($0.count))) }
    }

    private func plain(
        _ call: @convention(c) (OpaquePointer?, UnsafeMutablePointer<gw_plain_op>?) -> Int32
    ) -> Int32? {
        var operation = gw_plain_op()
        operation.struct_size = UInt32(MemoryLayout<gw_plain_op>.size)
        operation.op.id = 1
        operation.op.deadline_ns = PluginDriver.now + 10_000_000_000
        return withUnsafeMutablePointer(to: &operation) { pointer in
            subject.host.run(0) { call(subject.cache, pointer) }
        }
    }
}
