import Deadlines
import Foundation
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import PluginHost

/// A temporary folder into which plugins are compiled with `cc` and only the header.
final class PluginFolder: Sendable {
    struct CompilerFailed: Error { let output: String }

    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    let path: String

    init() throws {
        var template = Array("/tmp/gateway-plugins-XXXXXX".utf8CString)
        _ = mkdtemp(&template)
        path = String(decoding: template.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ type: String) -> String { path + "/libgateway-cache-\(type).so" }

    /// - Returns: the path of the library.
    @discardableResult
    func compile(_ type: String, _ defines: [String] = []) throws -> String {
        try Self.run(
            ["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-g", "-O1", "-shared", "-fPIC", "-fvisibility=hidden"]
                + ["-I", Self.root.appending(path: "Sources/PluginAPI/include").path, "-DTYPE=\"\(type)\""]
                + defines.map { "-D" + $0 }
                + [
                    Self.root.appending(path: "Tests/PluginHostTests/Plugins/chaos.c").path, "-o", file(type),
                    "-lpthread", "-lm",
                ]
        )
        return file(type)
    }

    static func run(_ arguments: [String]) throws {
        let (process, output) = (Process(), Pipe())
        process.executableURL = URL(filePath: "/usr/bin/cc")
        process.arguments = arguments
        process.standardError = output
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        if process.terminationStatus != 0 { throw CompilerFailed(output: String(decoding: text, as: UTF8.self)) }
    }

    func load(_ type: String) throws -> LoadedPlugin {
        try PluginLoader(directory: PluginDirectory(path: path), hostVersion: "1").load(PluginType(type))
    }

    func refusal(_ type: String) -> PluginError? {
        do {
            _ = try load(type)
            return nil
        } catch {
            return error as? PluginError
        }
    }
}

/// Lines that an instance logged.
final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])

    var log: PluginLog {
        PluginLog(level: { .trace }) { level, _, message in self.lines.withLock { $0.append("\(level): \(message)") } }
    }

    var all: [String] { lines.withLock { $0 } }
}

/// An instance of the chaos plugin on one event loop.
struct Rig {
    let folder: PluginFolder
    let instance: PluginInstance
    let loop: any EventLoop
    let log = LogLines()
    let port: Loop<PluginPort>
    let deadlines: Loop<Deadlines>

    /// It is `@unchecked Sendable` because `value` is used on the event loop only.
    struct Loop<Value>: @unchecked Sendable { let value: Value }

    init(
        _ behaviour: String,
        _ defines: [String] = [],
        inFlight: Int = 1024,
        largestValue: Int = 1 << 32,
        blockingQueue: Int = 1024,
        callBudget: TimeAmount = .seconds(10),
        isInterrupted: @escaping @Sendable () -> Bool = { false },
        type: String = "chaos"
    ) throws {
        folder = try PluginFolder()
        try folder.compile(type, defines)
        let plugin = try folder.load(type)
        let checked = ParameterChecker(pluginType: type, parameters: plugin.parameters).check(
            [("behaviour", .string(behaviour))])
        instance = try PluginInstance.create(
            plugin,
            name: "test",
            parameters: checked.values,
            hostVersion: "1",
            settings: .init(
                eventLoops: 1,
                inFlightPerLoop: inFlight,
                blockingThreads: 3,
                blockingQueue: blockingQueue,
                largestValue: largestValue,
                callBudget: callBudget,
                isInterrupted: isInterrupted
            ),
            log: log.log
        )
        loop = MultiThreadedEventLoopGroup.singleton.next()
        let (instance, loop) = (instance, loop)
        (port, deadlines) = try loop.submit {
            let deadlines = Deadlines(eventLoop: loop)
            return (Loop(value: try instance.port(deadlines: deadlines)), Loop(value: deadlines))
        }.wait()
    }

    func onLoop<Result: Sendable>(_ body: @escaping @Sendable (PluginPort) throws -> Result) throws -> Result {
        let port = port
        return try loop.submit { try body(port.value) }.wait()
    }

    /// Looks up keys and returns their values: nil for a miss, the failure as text in angle brackets.
    func get(_ keys: [String], within: TimeAmount = .seconds(20)) throws -> [String?] {
        let promise = loop.makePromise(of: [String?].self)
        let port = port
        loop.execute {
            let operation = port.value.get(keys: keys, deadline: .now() + within)
            operation.whenDone {
                let found = (0..<operation.count).map { Self.text(operation.outcome(at: $0)) }
                operation.release()
                promise.succeed(found)
            }
        }
        return try promise.futureResult.wait()
    }

    func set(_ items: [(String, String)], within: TimeAmount = .seconds(20)) throws -> [WriteOutcome] {
        let promise = loop.makePromise(of: [WriteOutcome].self)
        let port = port
        loop.execute {
            let items = items.map { item in
                let middle = item.1.index(item.1.startIndex, offsetBy: item.1.count / 2)
                return PluginItem(
                    key: item.0,
                    parts: [
                        ByteBuffer(string: String(item.1[..<middle])), ByteBuffer(string: String(item.1[middle...])),
                    ]
                )
            }
            port.value.set(items, deadline: .now() + within) { promise.succeed($0) }
        }
        return try promise.futureResult.wait()
    }

    /// Looks up as many keys at once, each by itself.
    func getAll(_ count: Int, within: TimeAmount) throws -> [String?] {
        let promise = loop.makePromise(of: [String?].self)
        let port = port
        loop.execute {
            var outcomes: [String?] = []
            for index in 0..<count {
                let operation = port.value.get(keys: ["k\(index)"], deadline: .now() + within)
                operation.whenDone {
                    outcomes.append(Self.text(operation.outcome(at: 0)))
                    operation.release()
                    if outcomes.count == count { promise.succeed(outcomes) }
                }
            }
        }
        return try promise.futureResult.wait()
    }

    func delete(_ key: String) throws -> [WriteOutcome] {
        let promise = loop.makePromise(of: [WriteOutcome].self)
        let port = port
        loop.execute { port.value.delete(keys: [key], deadline: .distantFuture) { promise.succeed($0) } }
        return try promise.futureResult.wait()
    }

    func ping(within: TimeAmount = .seconds(20)) throws -> OperationFailure? {
        let promise = loop.makePromise(of: OperationFailure?.self)
        let port = port
        loop.execute { port.value.ping(deadline: .now() + within) { promise.succeed($0) } }
        return try promise.futureResult.wait()
    }

    /// Stores a single entry with the function for single entries.
    func set(_ key: String, _ value: String, within: TimeAmount = .seconds(20)) throws -> OperationFailure? {
        let promise = loop.makePromise(of: OperationFailure?.self)
        let port = port
        loop.execute {
            Array(key.utf8).withUnsafeBytes {
                port.value.set(
                    key: $0,
                    value: [ByteBuffer(string: value)],
                    timeToLiveMilliseconds: nil,
                    deadline: .now() + within
                ) { promise.succeed($0) }
            }
        }
        return try promise.futureResult.wait()
    }

    static func text(_ outcome: PluginLookup.Outcome) -> String? {
        switch outcome {
        case .hit(let bytes): String(decoding: bytes, as: UTF8.self)
        case .miss: nil
        case .failure(let failure): "<\(failure)>"
        }
    }

    func statistic(_ name: String) -> UInt64 {
        instance.statistics().first { $0.name == name }?.value ?? .max
    }
}

/// Waits until `condition` holds, but for at most `seconds`.
func waits(_ seconds: Double, _ condition: () -> Bool) -> Bool {
    for _ in 0..<Int(seconds * 100) {
        if condition() { return true }
        usleep(10_000)
    }
    return condition()
}
