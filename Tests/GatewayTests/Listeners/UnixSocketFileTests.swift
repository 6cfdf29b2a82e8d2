import Foundation
import Glibc
import Testing

@testable import Gateway

@Suite("The file of a Unix socket")
struct UnixSocketFileTests {
    private let path = NSTemporaryDirectory() + "/u-\(UUID().uuidString.prefix(8))"

    private func open(mode: mode_t = 0o600, takesOver: Bool = false) throws -> ListeningSocket {
        try ListeningSocket(path: path, mode: mode, takesOver: takesOver)
    }

    private var mode: mode_t? {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode & 0o777 : nil
    }

    @Test("It has its permissions whatever the umask is, and is removed", arguments: [0o600, 0o666, 0o640] as [mode_t])
    func permissions(wanted: mode_t) throws {
        let socket = try open(mode: wanted)
        defer { close(socket.descriptor) }
        #expect(mode == wanted)
        #expect(access("\(path).\(getpid())", F_OK) != 0)
        socket.file?.remove()
        #expect(mode == nil)
    }

    @Test("A file that a dead process left is replaced, one that is served is not")
    func stale() throws {
        let dead = try open()
        close(dead.descriptor)
        #expect(mode != nil)
        let served = try open()
        defer { close(served.descriptor) }
        #expect {
            _ = try open()
        } throws: {
            "\($0)" == "another process is listening there"
        }
        served.file?.remove()
    }

    @Test("What is no socket is never replaced")
    func foreign() throws {
        try "important".write(toFile: path, atomically: true, encoding: .utf8)
        defer { unlink(path) }
        for takesOver in [false, true] {
            #expect {
                _ = try open(takesOver: takesOver)
            } throws: {
                "\($0)" == "something that is no socket is there"
            }
        }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "important")
    }

    @Test("A file that was taken over stays where it is when the first process removes its own")
    func takenOver() throws {
        let first = try open()
        let second = try open(takesOver: true)
        defer { for socket in [first, second] { close(socket.descriptor) } }
        first.file?.remove()
        #expect(mode != nil)
        second.file?.remove()
        #expect(mode == nil)
    }

    @Test("A folder that is not there is an error of the system's")
    func noFolder() {
        #expect {
            _ = try ListeningSocket(path: path + "/a", mode: 0o600, takesOver: false)
        } throws: {
            "\($0)" == "no such file or directory"
        }
    }
}
