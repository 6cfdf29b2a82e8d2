import Glibc
import NIOCore

/// A gateway that is reached through its pid file: with a signal, and by the file in which it describes the last reload.
struct GatewayProcess: ReachableGateway {
    let pidFile: String
    /// How long to wait for it, in seconds.
    let timeout: Int

    func reload() throws(CannotReach) -> ReloadStatus {
        let asked = MachineClock.monotonic()
        let process = try process()
        guard kill(process, SIGHUP) == 0 else {
            let reason = String(cString: strerror(errno)).lowercased()
            throw CannotReach("process \(process) of \(pidFile) cannot be told to reload: \(reason)")
        }
        let last = asked + UInt64(timeout) * 1_000_000_000
        while MachineClock.monotonic() < last {
            // A reload that had begun before may have read files that were older.
            if let status = read(), let attempt = status.last, attempt.began >= asked { return status }
            usleep(20_000)
            _ = try self.process()
        }
        throw CannotReach("the gateway (process \(process)) has not reloaded within \(timeout) s")
    }

    func status() throws(CannotReach) -> ReloadStatus {
        _ = try process()
        guard let status = read() else {
            throw CannotReach("\(PIDFile.statusPath(of: pidFile)) cannot be read; run this as the gateway's user")
        }
        return status
    }

    private func process() throws(CannotReach) -> pid_t {
        do {
            return try PIDFile.process(of: pidFile)
        } catch {
            throw CannotReach(error.description)
        }
    }

    private func read() -> ReloadStatus? {
        let descriptor = open(PIDFile.statusPath(of: pidFile), O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = ByteBuffer()
        while bytes.readableBytes <= ReloadStatus.sizeLimit {
            let count = bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: 65_536) { room in
                max(0, Glibc.read(descriptor, room.baseAddress, room.count))
            }
            if count == 0 { return ReloadStatus(parsing: bytes) }
        }
        return nil
    }
}
