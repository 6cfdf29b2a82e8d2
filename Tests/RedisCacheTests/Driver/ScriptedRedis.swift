import Synchronization
import TestSupport

/// A Redis server that answers as a test decides. It accepts every log-in itself.
final class ScriptedRedis: Sendable {
    typealias Answer = ScriptedServer.Answer

    /// A received command.
    struct Call: Sendable, Equatable {
        let words: [String]
        /// The number of the connection, in the order in which they were made, from 0.
        let connection: Int
    }

    typealias Script = @Sendable (Call) -> Answer

    private let server: ScriptedServer
    private let memory: Memory

    init(_ script: @escaping Script) throws {
        let memory = Memory(script)
        self.memory = memory
        server = try ScriptedServer { bytes, connection in
            Self.command(&bytes).map { memory.answer($0, connection) }
        }
    }

    var port: UInt16 { server.port }
    var connectionCount: Int { server.connectionCount }

    /// Stops the server.
    func stop() { server.stop() }

    /// Cuts every connection.
    func hangUp() { server.hangUp() }

    /// Sends text without a request, on one connection or on all.
    func blurt(_ text: String, on index: Int? = nil) { server.blurt(text, on: index) }

    /// Follows another script from now on.
    func play(_ script: @escaping Script) { memory.state.withLock { $0.scene = Memory.Scene(script) } }

    /// Leaves pings unanswered from now on.
    func ignorePings() { memory.state.withLock { $0.ignoresPings = true } }

    /// The received commands, without the log-ins.
    var calls: [Call] { memory.state.withLock { $0.calls } }
    var askings: Int { memory.state.withLock { $0.askings } }

    private final class Memory: Sendable {
        /// It is a class, since a closure that passes through a generic function is wrapped once more each time.
        final class Scene: Sendable {
            let script: Script

            init(_ script: @escaping Script) { self.script = script }
        }

        struct State {
            var scene: Scene
            var calls: [Call] = []
            var ignoresPings = false
            var askings = 0
        }

        let state: Mutex<State>

        init(_ script: @escaping Script) { state = Mutex(State(scene: Scene(script))) }

        func answer(_ words: [String], _ connection: Int) -> Answer {
            switch words.first {
            case "CLIENT", "SELECT", "AUTH": return .says("+OK\r\n")
            case "ASKING":
                state.withLock { $0.askings += 1 }
                return .says("+OK\r\n")
            case "PING": return state.withLock { $0.ignoresPings } ? .nothing : .says("+PONG\r\n")
            default:
                let call = Call(words: words, connection: connection)
                let scene = state.withLock { state in
                    state.calls.append(call)
                    return state.scene
                }
                return scene.script(call)
            }
        }
    }

    // MARK: Bytes from clients

    private static func command(_ bytes: inout [UInt8]) -> [String]? {
        var position = 0
        guard let count = number("*", bytes, &position) else { return nil }
        var words: [String] = []
        for _ in 0..<count {
            guard let length = number("$", bytes, &position), bytes.count >= position + length + 2 else { return nil }
            words.append(String(decoding: bytes[position..<position + length], as: UTF8.self))
            position += length + 2
        }
        bytes.removeFirst(position)
        return words
    }

    private static func number(_ sign: Character, _ bytes: [UInt8], _ position: inout Int) -> Int? {
        guard position < bytes.count, bytes[position] == sign.asciiValue,
            let end = bytes[position...].firstIndex(of: 0x0D), end + 1 < bytes.count
        else { return nil }
        defer { position = end + 2 }
        return Int(String(decoding: bytes[(position + 1)..<end], as: UTF8.self))
    }
}

extension ScriptedServer.Answer {
    static func value(_ text: String) -> Self { .says("$\(text.utf8.count)\r\n\(text)\r\n") }
    static let ok = Self.says("+OK\r\n")
    static let null = Self.says("$-1\r\n")
}
