import ArgumentParser
import Glibc
import JSON
import PluginConformance
import PluginHost

/// `gateway plugins bench`: measures a plugin through its interface.
struct PluginBenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure how fast a plugin answers, by the size of values and of batches.",
        discussion: """
            Each thread has one operation at a time. Entries are stored under keys that begin with 'bench:' and are \
            removed at the end, if the plugin can.
            """
    )

    @Argument(help: "The plugin's file, or its type in the plugin directory.")
    var plugin: String

    @OptionGroup var plugins: PluginOptions

    @Option(
        name: .customLong("params"),
        parsing: .upToNextOption,
        help: ArgumentHelp("Parameters as in cache_params, each KEY=VALUE.", valueName: "key=value")
    )
    var parameters: [String] = []

    @Option(parsing: .upToNextOption, help: "The sizes of values in bytes.")
    var sizes = [128, 4_096, 65_536]

    @Option(parsing: .upToNextOption, help: "How many items an operation has.")
    var batches = [1, 16]

    @Option(help: "How many threads call the plugin.")
    var threads = 4

    @Option(help: "How long all measurements together take, in seconds.")
    var seconds = 5.0

    @Flag(help: "Print the results as JSON.")
    var json = false

    func validate() throws {
        guard batches.allSatisfy({ (1...256).contains($0) }) else {
            throw ValidationError("--batches takes numbers from 1 to 256.")
        }
        guard sizes.allSatisfy({ (0...1 << 28).contains($0) }) else {
            throw ValidationError("--sizes takes numbers from 0 to \(1 << 28).")
        }
        guard (1...64).contains(threads) else {
            throw ValidationError("--threads \(threads) is out of range; use 1 to 64.")
        }
        guard seconds > 0, seconds < 86_400 else { throw ValidationError("--seconds \(seconds) is out of range.") }
        for text in parameters where !text.contains("=") { throw ValidationError("'\(text)' is not KEY=VALUE.") }
    }

    func run() throws {
        var path = plugin
        if !plugin.contains("/"), !plugin.hasSuffix(".so") {
            let directory = plugins.directory
            path = try OneLine.orExit { () throws(PluginError) in try directory.locate(PluginType(plugin)).path }
        }
        do {
            let tested = try TestedPlugin(library: path)
            if let unknown = CheckSubject.unknownParameter(parameters, among: tested.parameterNames) {
                throw ValidationError(unknown)
            }
            let bench = try PluginBench(tested, CheckSubject.values(parameters), threads: threads)
            let loads = sizes.flatMap { size in batches.map { PluginBench.Load(valueBytes: size, batch: $0) } }
            let each = seconds / Double(max(1, loads.count * 2))
            let rows = loads.flatMap { bench.measure($0, seconds: each) }
            bench.end()
            print(json ? BenchTable(rows).json : BenchTable(rows).text)
        } catch let error as ValidationError {
            throw error
        } catch {
            StandardError.print("gateway: \(error)")
            throw ExitCode(1)
        }
    }
}

/// The results of `gateway plugins bench`.
struct BenchTable {
    let rows: [PluginBench.Row]

    init(_ rows: [PluginBench.Row]) { self.rows = rows }

    /// A line for each operation and load, with columns of fixed widths.
    var text: String {
        let titles = ["op", "bytes", "batch", "op/s", "p50 us", "p90 us", "p99 us", "p99.9 us", "ok %"]
        let lines = rows.map { row in
            [
                row.operation, "\(row.load.valueBytes)", "\(row.load.batch)", "\(Int(row.operationsPerSecond))",
            ] + row.percentiles.map { "\(($0 * 10).rounded() / 10)" } + ["\((row.success * 1_000).rounded() / 10)"]
        }
        let widths = titles.indices.map { column in ([titles] + lines).map { $0[column].count }.max() ?? 0 }
        return ([titles] + lines).map { line in
            zip(line, widths).map { String(repeating: " ", count: $1 - $0.count) + $0 }.joined(separator: "  ")
        }.joined(separator: "\n")
    }

    var json: String {
        var writer = JSONWriter()
        writer.array { array in
            for row in rows {
                array.object { json in
                    json.member("operation", row.operation)
                    json.member("value_bytes") { $0.integer(row.load.valueBytes) }
                    json.member("batch") { $0.integer(row.load.batch) }
                    json.member("operations_per_second") { $0.number(row.operationsPerSecond) }
                    json.member("microseconds") { json in
                        json.object { json in
                            for (name, value) in zip(["p50", "p90", "p99", "p99.9"], row.percentiles) {
                                json.member(named: name) { $0.number(value) }
                            }
                        }
                    }
                    json.member("success") { $0.number(row.success) }
                }
            }
        }
        return writer.text
    }
}
