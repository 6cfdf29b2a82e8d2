import Foundation

/// A client with a socket of its own, which reads only when the test decides. Every call blocks; `offThread` keeps that
/// away from the threads that tests share.
final class SlowClient: Sendable {
    private let descriptor: Int32

    /// - Parameter receiveBuffer: how many bytes the system receives beyond those that the client reads, before its own
    ///   rounding.
    init(port: Int, receiveBuffer: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw HarnessError("no socket: \(errno)") }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        if var receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<Int32>.size))
        }
        // A test whose gateway hangs then fails instead of hanging as well.
        var limit = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw HarnessError("cannot connect: \(errno)") }
    }

    deinit { close(descriptor) }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Foundation.send(
                    descriptor,
                    $0.baseAddress?.advanced(by: sent),
                    bytes.count - sent,
                    Int32(MSG_NOSIGNAL)
                )
            }
            guard count > 0 else { throw HarnessError("cannot send: \(errno)") }
            sent += count
        }
    }

    /// Receives at most `count` bytes, and none at the end.
    func receive(upTo count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let received = recv(descriptor, &bytes, count, 0)
        guard received >= 0 else { throw HarnessError("the connection broke: \(String(cString: strerror(errno)))") }
        return Array(bytes.prefix(received))
    }

    /// Receives everything up to the end, `bytes` at a time with a pause after each.
    /// - Returns: the number of received bytes, the first of them, and whether the end was an orderly one.
    func receiveAll(_ bytes: Int = 1 << 20, pause: Duration = .zero) -> (count: Int, start: String, isOrderly: Bool) {
        var total = 0
        var start: [UInt8] = []
        while true {
            guard let part = try? receive(upTo: bytes) else {
                return (total, String(decoding: start, as: UTF8.self), false)
            }
            if part.isEmpty { return (total, String(decoding: start, as: UTF8.self), true) }
            total += part.count
            if start.count < 2_000 { start += part.prefix(2_000) }
            if pause > .zero { Self.sleep(pause) }
        }
    }

    /// Reads whole answers with a length.
    /// - Returns: their statuses, which are fewer than `count` if the connection ended before.
    func receiveAnswers(_ count: Int, _ bytes: Int = 1 << 20, pause: Duration = .zero) throws -> [Int] {
        var statuses: [Int] = []
        var buffer: [UInt8] = []
        var body = 0
        while statuses.count < count || body > 0 {
            if body > 0 {
                let part = min(body, buffer.count)
                buffer.removeFirst(part)
                body -= part
                if body == 0 { continue }
            } else if let end = buffer.firstRange(of: Array("\r\n\r\n".utf8)) {
                let head = String(decoding: buffer[..<end.lowerBound], as: UTF8.self).lowercased()
                buffer.removeFirst(end.upperBound)
                let length = head.split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
                statuses.append(Int(head.split(separator: " ").dropFirst().first ?? "") ?? 0)
                body = length.flatMap { Int($0.dropFirst(15).trimmed) } ?? 0
                continue
            }
            let part = try receive(upTo: bytes)
            if part.isEmpty { return body > 0 ? statuses.dropLast() : statuses }
            buffer += part
            if pause > .zero { Self.sleep(pause) }
        }
        return statuses
    }

    static func sleep(_ pause: Duration) {
        usleep(UInt32(pause.components.seconds * 1_000_000 + pause.components.attoseconds / 1_000_000_000_000))
    }
}

/// Runs a blocking function on a thread of its own.
func offThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result(catching: body)) }
    }
}
