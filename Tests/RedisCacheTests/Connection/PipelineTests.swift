import Testing

@testable import RedisCache

@Suite("The commands of a connection")
struct PipelineTests {
    private func name(_ recipient: Pipeline.Recipient) -> String {
        switch recipient {
        case .command(let command): (command as? FakeCommand)?.name ?? "another command"
        case .asking: "asking"
        case .nobody: "nobody"
        }
    }

    @Test("get their replies in the order in which they were sent, and ASKING's replies reach none of them")
    func order() {
        var pipeline = Pipeline()
        pipeline.append(FakeCommand("a"), isAfterAsking: false, at: 1)
        pipeline.append(FakeCommand("b"), isAfterAsking: true, at: 2)
        #expect(pipeline.count == 2)
        let names = (0..<4).map { _ in name(pipeline.next()) }
        #expect(names == ["a", "asking", "b", "nobody"])
        #expect(pipeline.count == 0)
    }

    @Test("say since when the oldest of them waits")
    func waiting() {
        var pipeline = Pipeline()
        #expect(pipeline.waitingSince == nil)
        pipeline.hold(FakeCommand("held"), isAsking: false)
        #expect(pipeline.waitingSince == nil, "the server owes no answer to what it was not sent")
        pipeline.append(FakeCommand("a"), isAfterAsking: false, at: 1)
        pipeline.append(FakeCommand("b"), isAfterAsking: false, at: 2)
        #expect(pipeline.waitingSince == 1)
        _ = pipeline.next()
        #expect(pipeline.waitingSince == 2)
    }

    @Test("are kept until the connection is ready, each with its ASKING")
    func held() {
        var pipeline = Pipeline()
        pipeline.hold(FakeCommand("a"), isAsking: false)
        pipeline.hold(FakeCommand("b"), isAsking: true)
        let held = pipeline.takeHeld()
        #expect(held.map { ($0.command as? FakeCommand)?.name } == ["a", "b"])
        #expect(held.map(\.isAsking) == [false, true])
        #expect(pipeline.takeHeld().isEmpty)
    }

    @Test("are all taken out when the connection is lost, those that were sent first")
    func removal() {
        var pipeline = Pipeline()
        pipeline.hold(FakeCommand("c"), isAsking: false)
        pipeline.append(FakeCommand("a"), isAfterAsking: false, at: 1)
        pipeline.append(FakeCommand("b"), isAfterAsking: false, at: 1)
        _ = pipeline.next()
        #expect(pipeline.removeAll().map { ($0 as? FakeCommand)?.name } == ["b", "c"])
        #expect(pipeline.removeAll().isEmpty && pipeline.waitingSince == nil)
    }

    @Test("decide what the next reply may be; one that nobody waits for is skipped")
    func expectation() {
        var pipeline = Pipeline()
        #expect(pipeline.expectedReply == .line, "nothing was asked")
        let command = FakeCommand("a")
        pipeline.append(command, isAfterAsking: true, at: 1)
        #expect(pipeline.expectedReply == .line, "ASKING is answered by a line")
        _ = pipeline.next()
        #expect(pipeline.expectedReply == .short)
        command.isWanted = false
        #expect(!pipeline.expectedReply.isWanted)
    }

    @Test("leave no more behind than are open, however many there were")
    func many() {
        var pipeline = Pipeline()
        for number in 0..<5_000 {
            pipeline.append(FakeCommand("\(number)"), isAfterAsking: false, at: UInt64(number))
            if number >= 10 { #expect(name(pipeline.next()) == "\(number - 10)") }
        }
        #expect(pipeline.count == 10)
    }
}
