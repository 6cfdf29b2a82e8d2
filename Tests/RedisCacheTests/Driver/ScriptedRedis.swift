import Glibc
import Synchronization

/// A server on loopback that says what a test wants it to say. It logs everybody in by itself.
final class ScriptedRedis: Sendable {
    enum Answer: Sendable {
        /// As it goes over the wire.
        case says(String)
        case nothing
        case hangsUp
    }

    /// What one command came with.
    struct Call: Sendable, Equatable {
        let words: [String]
        /// Numbers the connections in the order in which they were made, from 0.
        let connection: Int
    }

    typealias Script = @Sendable (Call) -> Answer

    let port: UInt16
    private let listener: Int32
    private let scene: Mutex<Scene>
    private let state = Mutex(State())

    /// A class, since a closure that goes through a generic function is wrapped once more each time.
    private final class Scene: Sendable {
        let script: Script

        init(script: @escaping Script) { self.script = script }
    }

    private struct State {
        var calls: [Call] = []
        var connections: [Int32] = []
        var isStopped = false
        var ignoresPings = false
        var askings = 0
    }

    init(_ script: @escaping Script) throws {
        scene = Mutex(Scene(script: script))
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(descriptor, raw, length) == 0 && listen(descriptor, 16) == 0
                    && getsockname(descriptor, raw, &length) == 0
            }
        }
        guard isListening else { throw Failure() }
        port = UInt16(bigEndian: address.sin_port)
        Self.onThread { [self] in
            while true {
                let connection = accept(listener, nil, nil)
                if connection < 0 { return }
                let index = state.withLock { state -> Int? in
                    if state.isStopped { return nil }
                    state.connections.append(connection)
                    return state.connections.count - 1
                }
                guard let index else {
                    close(connection)
                    return
                }
                Self.onThread { self.serve(connection, index) }
            }
        }
    }

    struct Failure: Error {}

    /// Ends everything.
    func stop() {
        let connections = state.withLock { state in
            state.isStopped = true
            return state.connections
        }
        shutdown(listener, Int32(SHUT_RDWR))
        for connection in connections { shutdown(connection, Int32(SHUT_RDWR)) }
    }

    /// Goes by another script from now on.
    func play(_ script: @escaping Script) { scene.withLock { $0 = Scene(script: script) } }

    /// Leaves pings unanswered from now on.
    func ignorePings() { state.withLock { $0.ignoresPings = true } }

    /// Says something of its own accord, on one connection or on all.
    func blurt(_ text: String, on index: Int? = nil) {
        for (connection, descriptor) in state.withLock({ $0.connections }).enumerated()
        where index == nil || index == connection { Self.write(text, to: descriptor) }
    }

    /// Cuts every connection.
    func hangUp() { for connection in state.withLock({ $0.connections }) { shutdown(connection, Int32(SHUT_RDWR)) } }

    /// What it was asked, without the log-ins.
    var calls: [Call] { state.withLock { $0.calls } }
    var askings: Int { state.withLock { $0.askings } }
    var connectionCount: Int { state.withLock { $0.connections.count } }

    private func serve(_ connection: Int32, _ index: Int) {
        var input = CommandReader()
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = read(connection, &buffer, buffer.count)
            if count <= 0 { return }
            input.feed(buffer[..<count])
            while let words = input.next() {
                switch answer(words, index) {
                case .says(let text): Self.write(text, to: connection)
                case .nothing: break
                case .hangsUp:
                    shutdown(connection, Int32(SHUT_RDWR))
                    return
                }
            }
        }
    }

    private func answer(_ words: [String], _ index: Int) -> Answer {
        switch words.first {
        case "CLIENT", "SELECT", "AUTH": return .says("+OK\r\n")
        case "ASKING":
            state.withLock { $0.askings += 1 }
            return .says("+OK\r\n")
        case "PING": return state.withLock { $0.ignoresPings } ? .nothing : .says("+PONG\r\n")
        default:
            let call = Call(words: words, connection: index)
            state.withLock { $0.calls.append(call) }
            return scene.withLock { $0 }.script(call)
        }
    }

    private static func write(_ text: String, to connection: Int32) {
        let bytes = Array(text.utf8)
        _ = send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    private static func onThread(_ body: @escaping @Sendable () -> Void) {
        final class Box: Sendable {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        var thread = pthread_t()
        pthread_create(
            &thread,
            nil,
            { data in
                if let data { Unmanaged<Box>.fromOpaque(data).takeRetainedValue().body() }
                return nil
            },
            Unmanaged.passRetained(Box(body)).toOpaque()
        )
        pthread_detach(thread)
    }
}

extension ScriptedRedis.Answer {
    static func value(_ text: String) -> Self { .says("$\(text.utf8.count)\r\n\(text)\r\n") }
    static let ok = Self.says("+OK\r\n")
    static let null = Self.says("$-1\r\n")
}

/// Splits what a client sends into commands.
private struct CommandReader {
    private var bytes: [UInt8] = []

    mutating func feed(_ more: ArraySlice<UInt8>) { bytes += more }

    mutating func next() -> [String]? {
        var position = 0
        guard let count = number("*", &position) else { return nil }
        var words: [String] = []
        for _ in 0..<count {
            guard let length = number("$", &position), bytes.count >= position + length + 2 else { return nil }
            words.append(String(decoding: bytes[position..<position + length], as: UTF8.self))
            position += length + 2
        }
        bytes.removeFirst(position)
        return words
    }

    private func number(_ sign: Character, _ position: inout Int) -> Int? {
        guard position < bytes.count, bytes[position] == sign.asciiValue,
            let end = bytes[position...].firstIndex(of: 0x0D), end + 1 < bytes.count
        else { return nil }
        defer { position = end + 2 }
        return Int(String(decoding: bytes[(position + 1)..<end], as: UTF8.self))
    }
}
