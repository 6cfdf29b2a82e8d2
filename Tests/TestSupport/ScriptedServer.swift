import Glibc
import Synchronization

/// A server on loopback that answers as a test decides, in any protocol.
package final class ScriptedServer: Sendable {
    package enum Answer: Sendable {
        /// The bytes as sent over the wire.
        case says(String)
        case nothing
        case hangsUp
        /// The bytes as sent over the wire, followed by the end of the connection.
        case saysAndHangsUp(String)
    }

    /// Removes a request from the front of the bytes that a connection has sent, and answers it. It returns nil where
    /// the request is incomplete. Connections are numbered in the order in which they were made, from 0.
    package typealias Reader = @Sendable (_ bytes: inout [UInt8], _ connection: Int) -> Answer?

    /// The server cannot listen on any port.
    package struct CannotListen: Error {}

    package let port: UInt16
    private let listener: Int32
    private let reader: Reader
    private let state = Mutex(State())

    private struct State {
        /// The descriptors by the connections' numbers. It is nil for a closed connection.
        var connections: [Int32?] = []
        var isStopped = false

        func shutDown() { for case let connection? in connections { shutdown(connection, Int32(SHUT_RDWR)) } }
    }

    package init(_ reader: @escaping Reader) throws {
        self.reader = reader
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(descriptor, raw, length) == 0 && listen(descriptor, 128) == 0
                    && getsockname(descriptor, raw, &length) == 0
            }
        }
        guard isListening else { throw CannotListen() }
        port = UInt16(bigEndian: address.sin_port)
        Self.onThread { [self] in
            while true {
                let connection = accept(listener, nil, nil)
                if connection < 0 { break }
                let index = state.withLock { state -> Int? in
                    if state.isStopped { return nil }
                    state.connections.append(connection)
                    return state.connections.count - 1
                }
                guard let index else {
                    close(connection)
                    break
                }
                Self.onThread {
                    self.serve(connection, index)
                    // This happens under the lock, so that a descriptor is not used after it belongs to another
                    // connection.
                    self.state.withLock { state in
                        state.connections[index] = nil
                        close(connection)
                    }
                }
            }
            close(listener)
        }
    }

    package var connectionCount: Int { state.withLock { $0.connections.count } }

    /// Stops the server and closes every connection.
    package func stop() {
        state.withLock { state in
            guard !state.isStopped else { return }
            state.isStopped = true
            shutdown(listener, Int32(SHUT_RDWR))
            state.shutDown()
        }
    }

    /// Sends text without a request, on one connection or on all.
    package func blurt(_ text: String, on index: Int? = nil) {
        state.withLock { state in
            for case (let connection, let descriptor?) in state.connections.enumerated()
            where index == nil || index == connection { Self.write(text, to: descriptor) }
        }
    }

    /// Closes every connection.
    package func hangUp() { state.withLock { $0.shutDown() } }

    private func serve(_ connection: Int32, _ index: Int) {
        var input: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = read(connection, &buffer, buffer.count)
            if count <= 0 { return }
            input += buffer[..<count]
            while let answer = reader(&input, index) {
                switch answer {
                case .says(let text): Self.write(text, to: connection)
                case .nothing: break
                case .saysAndHangsUp(let text):
                    Self.write(text, to: connection)
                    shutdown(connection, Int32(SHUT_RDWR))
                    return
                case .hangsUp:
                    shutdown(connection, Int32(SHUT_RDWR))
                    return
                }
            }
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
