import Foundation
import Testing

@testable import Gateway

@Suite("The pid file")
struct PIDFileTests {
    private let path = NSTemporaryDirectory() + "/gateway-\(UUID().uuidString).pid"

    @Test("holds the process that has written it, while that lives")
    func process() throws {
        let file = try PIDFile.write(path)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "\(getpid())\n")
        #expect(try PIDFile.process(of: path) == getpid())
        file.remove()
        #expect(access(path, F_OK) != 0)
    }

    @Test("is not believed where a crash has left it behind")
    func stale() throws {
        try "\(getpid())\n".write(toFile: path, atomically: true, encoding: .utf8)
        #expect {
            try PIDFile.process(of: path)
        } throws: { "\($0)".contains("no gateway is running with the pid file") }
        unlink(path)
        #expect(throws: PIDFile.Failure.self) { try PIDFile.process(of: path) }
    }

    @Test("is not removed by the gateway whose place another has taken")
    func replaced() throws {
        let old = try PIDFile.write(path)
        let new = try PIDFile.write(path)
        old.remove()
        #expect(try PIDFile.process(of: path) == getpid())
        new.remove()
        #expect(access(path, F_OK) != 0)
    }

    @Test("is refused where it cannot be written or holds no process", arguments: ["", "x\n", "0\n", "-5\n", "1\n"])
    func refused(content: String) throws {
        #expect(throws: PIDFile.Failure.self) { try PIDFile.write("/nowhere/gateway.pid") }
        try content.write(toFile: path, atomically: true, encoding: .utf8)
        #expect(throws: PIDFile.Failure.self) { try PIDFile.process(of: path) }
        unlink(path)
    }
}
