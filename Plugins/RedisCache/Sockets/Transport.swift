import Glibc
import PluginKit

/// [I/O thread] A connected socket that takes and gives bytes without waiting.
protocol Transport: AnyObject {
    /// Goes on with what must happen before bytes can be exchanged. To be called again as the result says.
    func prepare() -> TransportStep
    func read(into buffer: UnsafeMutableRawBufferPointer) -> TransportRead
    /// - Returns: how many bytes were sent, 0 if none can go at present.
    func write(_ bytes: UnsafeRawBufferPointer) -> TransportWrite
}

/// How far a transport's preparation has come.
enum TransportStep: Equatable {
    case ready
    /// It goes on once the socket is writable, or else readable.
    case waits(forWriting: Bool)
    case failed(BackendFailure)
}

/// What came of reading.
enum TransportRead: Equatable {
    case bytes(Int)
    /// There is nothing to read at present.
    case nothing
    /// The other side has ended the connection.
    case closed
    /// The reason is in the system's words.
    case failed(String)
}

/// What came of writing.
enum TransportWrite: Equatable {
    case sent(Int)
    /// The reason is in the system's words.
    case failed(String)
}

/// [I/O thread] The socket itself, without TLS. It does not own the descriptor.
final class PlainTransport: Transport {
    private let descriptor: Int32

    init(descriptor: Int32) { self.descriptor = descriptor }

    func prepare() -> TransportStep { .ready }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> TransportRead {
        let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
        if count > 0 { return .bytes(count) }
        if count == 0 { return .closed }
        return errno == EAGAIN || errno == EINTR ? .nothing : .failed(SystemError.text(errno))
    }

    func write(_ bytes: UnsafeRawBufferPointer) -> TransportWrite {
        let count = send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        if count >= 0 { return .sent(count) }
        return errno == EAGAIN || errno == EINTR ? .sent(0) : .failed(SystemError.text(errno))
    }
}
