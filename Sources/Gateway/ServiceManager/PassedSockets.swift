import Glibc
import Text

/// The listening sockets that whoever started the process has opened for it, as sd_listen_fds(3) defines it: systemd,
/// from a unit of type socket, or another supervisor.
struct PassedSockets: Equatable, Sendable {
    /// Why the variables cannot be meant for this process.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    struct Socket: Equatable, Sendable {
        let descriptor: Int32
        /// The name that the unit gives (`FileDescriptorName=`). It is empty where there is none.
        let name: String
    }

    let sockets: [Socket]

    static let none = PassedSockets(sockets: [])

    /// The first descriptor (SD_LISTEN_FDS_START).
    private static let first: Int32 = 3
    private static let most: Int32 = 1_024

    /// Reads the variables. Those that name another process, as where a shell came between, are as good as none.
    ///
    /// - Parameters:
    ///   - count: the value of `LISTEN_FDS`.
    ///   - process: the value of `LISTEN_PID`.
    ///   - names: the value of `LISTEN_FDNAMES`, separated by colons.
    ///   - ownProcess: the number of this process.
    init(count: String?, process: String?, names: String?, ownProcess: pid_t = getpid()) throws(Failure) {
        guard let count, let process, pid_t(process) == ownProcess else {
            self = .none
            return
        }
        guard let number = Int32(count), (0...Self.most).contains(number) else {
            throw Failure(
                description: "LISTEN_FDS is '\(count.quotable)', which is no number of sockets up to \(Self.most)"
            )
        }
        let names = (names ?? "").split(separator: ":", omittingEmptySubsequences: false)
        sockets = (0..<number).map { index in
            Socket(
                descriptor: Self.first + index,
                name: names.indices.contains(Int(index)) ? String(names[Int(index)]) : ""
            )
        }
    }

    private init(sockets: [Socket]) { self.sockets = sockets }
}
