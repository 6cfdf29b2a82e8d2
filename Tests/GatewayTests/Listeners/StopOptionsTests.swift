import ArgumentParser
import NIOCore
import Testing

@testable import Gateway

@Suite("The times of a stop")
struct StopOptionsTests {
    @Test("An option wins over the configuration, whose default is no delay and 25 seconds")
    func precedence() throws {
        let usual = ServerLimits()
        let none = try StopOptions.parse([])
        #expect(none.delay(usual) == .zero && none.timeout(usual) == .seconds(25))
        var configured = usual
        configured.drainDelay = .seconds(3)
        configured.drainTimeout = .seconds(4)
        #expect(none.delay(configured) == .seconds(3) && none.timeout(configured) == .seconds(4))
        let given = try StopOptions.parse(["--shutdown-delay", "250ms", "--drain-timeout", "2"])
        #expect(given.delay(configured) == .milliseconds(250) && given.timeout(configured) == .seconds(2))
    }

    @Test("What is no time is refused", arguments: ["", "soon", "-1", "2 weeks", "25h"])
    func wrong(text: String) {
        #expect(DurationArgument(argument: text) == nil)
    }
}
