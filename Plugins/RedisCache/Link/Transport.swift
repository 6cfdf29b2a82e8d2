import Glibc
import PluginKit

/// A connected socket: bytes out, bytes in, without waiting.
protocol Transport: AnyObject {
    /// Goes on with what must happen before bytes can be exchanged.
    func prepare() -> TransportStep
    func read(into buffer: UnsafeMutableRawBufferPointer) -> TransportRead
    /// - Returns: how many bytes went, 0 if none can go at present.
    func write(_ bytes: UnsafeRawBufferPointer) -> TransportWrite
}

enum TransportStep: Equatable {
    case ready
    /// Go on once the socket is readable, or writable.
    case waits(forWriting: Bool)
    case failed(BackendFailure)
}

enum TransportRead: Equatable {
    case bytes(Int)
    case nothing
    case closed
    case failed(String)
}

enum TransportWrite: Equatable {
    case went(Int)
    case failed(String)
}

/// The socket itself, without TLS. Does not own the descriptor.
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
        if count >= 0 { return .went(count) }
        return errno == EAGAIN || errno == EINTR ? .went(0) : .failed(SystemError.text(errno))
    }
}

/// The system's own words for its error numbers.
enum SystemError {
    static func text(_ number: Int32) -> String {
        var room = [CChar](repeating: 0, count: 128)
        guard strerror_r(number, &room, room.count) == 0 else { return "error \(number)" }
        return String(decoding: room.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
