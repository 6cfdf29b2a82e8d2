import Glibc
import PluginKit

/// [I/O thread] A connected socket that writes and reads bytes without waiting.
protocol Transport: AnyObject {
    /// Continues the preparation that must be done before bytes can be exchanged. Call it again as the result says.
    func prepare() -> TransportStep
    func read(into buffer: UnsafeMutableRawBufferPointer) -> TransportRead
    /// - Returns: how many bytes were sent. It is 0 if none can be sent at present.
    func write(_ bytes: UnsafeRawBufferPointer) -> TransportWrite
}

/// The progress of a transport's preparation.
enum TransportStep: Equatable {
    case ready
    /// It continues once the socket is writable, or otherwise readable.
    case waits(forWriting: Bool)
    case failed(BackendFailure)
}

/// The outcome of reading.
enum TransportRead: Equatable {
    case bytes(Int)
    /// There is nothing to read at present.
    case nothing
    /// The other side has ended the connection.
    case closed
    /// Reading failed. The reason is the system's text.
    case failed(String)
}

/// The outcome of writing.
enum TransportWrite: Equatable {
    case sent(Int)
    /// Writing failed. The reason is the system's text.
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
