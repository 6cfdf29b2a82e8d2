import Subprocess
import Testing

@Suite("A program that is run to its end", .timeLimit(.minutes(1)))
struct SubprocessTests {
    private func run(_ script: String, seconds: Double = 20) throws -> Subprocess.Result {
        try Subprocess("/bin/sh", ["-c", script]).run(seconds: seconds)
    }

    @Test("leaves what it wrote to each stream, and its exit status")
    func streams() throws {
        let result = try run("echo out; echo err >&2; echo report >&3; exit 7")
        #expect(result.end == .exited(status: 7))
        #expect(String(decoding: result.output, as: UTF8.self) == "out\n")
        #expect(String(decoding: result.errors, as: UTF8.self) == "err\n")
        #expect(String(decoding: result.report, as: UTF8.self) == "report\n")
    }

    @Test("that a signal ends is told apart from one that exits")
    func signal() throws {
        #expect(try run("kill -SEGV $$").end == .killed(signal: 11))
    }

    @Test("is killed with all that it started when its time is over")
    func time() throws {
        let began = ContinuousClock.now
        #expect(try run("echo early; sleep 60 & sleep 60", seconds: 0.3).end == .timedOut)
        #expect(began.duration(to: .now) < .seconds(10))
    }

    @Test("is not waited for beyond its own end, though it leaves a process that holds its pipes")
    func leftBehind() throws {
        let began = ContinuousClock.now
        #expect(try run("sleep 60 & exit 0").end == .exited(status: 0))
        #expect(began.duration(to: .now) < .seconds(10))
    }

    @Test("may write any amount, of which the beginning is kept")
    func flood() throws {
        let result = try run("head -c 5000000 /dev/zero")
        #expect(result.end == .exited(status: 0))
        #expect(result.output.count == Subprocess.mostOutput)
    }

    @Test("that cannot be started is an error with the reason")
    func missing() {
        #expect(throws: Subprocess.CannotStart.self) { try Subprocess("/nonexistent", []).run(seconds: 1) }
    }

    @Test("has this process's environment, and the variables that it is given in place of others")
    func environment() throws {
        let variables = ["GATEWAY_TEST": "given", "HOME": "/elsewhere"]
        let child = Subprocess("/bin/sh", ["-c", "echo $GATEWAY_TEST $HOME $PATH"], variables: variables)
        let result = try child.run(seconds: 20)
        #expect(String(decoding: result.output, as: UTF8.self).hasPrefix("given /elsewhere /"))
    }

    @Test("inherits no descriptors but its four")
    func descriptors() throws {
        let result = try run("ls /proc/self/fd | wc -l")
        // Of those that `ls` has, one is the directory.
        #expect(String(decoding: result.output, as: UTF8.self).hasPrefix("5"))
    }
}
