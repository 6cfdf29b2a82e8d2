import Dialects
import JSON
import NIOCore
import ResponseCache
import Testing
import Upstream

@testable import Gateway

@Suite("A flight")
struct FlightStateTests {
    /// A reference, since `#expect` changes no values.
    private final class State {
        private var state: FlightState

        init(backlog: Int) { state = FlightState(backlog: backlog) }

        func join() -> Int? { state.join() }
        func leave(_ id: Int) -> LeaderSignal? { state.leave(id) }
        func closeIfEmpty() -> Bool { state.closeIfEmpty() }
        func read(_ id: Int, _ interest: FlightInterest = .pieces) -> (
            FlightState.Reading, LeaderSignal?
        ) {
            state.read(id, interest)
        }
        func suspend(_ id: Int) -> LeaderSignal? { state.suspend(id) }
        func arrive(_ head: UpstreamHead, _ form: FlightForm) -> [Int] { publish { $0.head = (head, form) } }
        func append(_ pieces: [FlightPiece]) -> [Int] { publish { $0.pieces = pieces } }
        func stopRecording() -> [Int] { publish { $0.isUnrecorded = true } }
        func end(_ ending: FlightEnding) -> [Int] { publish { $0.ending = ending } }
        func publish(_ update: FlightUpdate) -> [Int] { state.publish(update) }

        private func publish(_ fill: (inout FlightUpdate) -> Void) -> [Int] {
            var update = FlightUpdate()
            fill(&update)
            return publish(update)
        }
    }

    private let head = UpstreamHead(status: 203, fields: [], contentLength: nil)

    private func piece(_ text: String) -> FlightPiece { FlightPiece(.chunk, ByteBuffer(string: text)) }

    private func texts(_ pieces: [FlightPiece]) -> [String] { pieces.map { String(buffer: $0.bytes) } }

    @Test("gives a reader what has arrived so far at once, and wakes it for the rest")
    func late() throws {
        let state = State(backlog: 100)
        let first = try #require(state.join())
        #expect(state.arrive(head, .stream) == [first])
        _ = state.read(first)
        #expect(state.append([piece("a"), piece("b")]) == [first])
        let second = try #require(state.join())
        let reading = state.read(second).0
        #expect(reading.head?.status == 203 && texts(reading.pieces) == ["a", "b"] && reading.ending == nil)
        // The first was woken and has not read yet: it is not woken twice.
        #expect(state.append([piece("c")]) == [second])
        #expect(texts(state.read(first).0.pieces) == ["a", "b", "c"])
        #expect(texts(state.read(second).0.pieces) == ["c"])
        #expect(Set(state.end(.complete(isStored: true))) == [first, second])
        #expect(state.join() == nil, "it has ended")
    }

    @Test("wakes a reader once for all that one read from the model brought")
    func update() throws {
        let state = State(backlog: 100)
        let reader = try #require(state.join())
        var update = FlightUpdate()
        update.head = (head, .stream)
        update.pieces = [piece("a"), piece("b")]
        update.ending = .complete(isStored: true)
        #expect(state.publish(update) == [reader])
        #expect(state.read(reader, .head).0.head?.status == 203)
        let reading = state.read(reader).0
        #expect(texts(reading.pieces) == ["a", "b"] && reading.ending != nil)
    }

    @Test("wakes a reader that waits for the whole answer only when it is complete, and gives it everything")
    func whole() throws {
        let state = State(backlog: 100)
        let reader = try #require(state.join())
        _ = state.arrive(head, .stream)
        _ = state.read(reader, .whole)
        #expect(state.append([piece("a")]).isEmpty)
        #expect(state.append([piece("b")]).isEmpty)
        #expect(state.end(.complete(isStored: false)) == [reader])
        let reading = state.read(reader, .whole).0
        #expect(texts(reading.pieces) == ["a", "b"] && reading.ending != nil)
    }

    @Test("shows its head to a reader without taking anything of the answer from it")
    func headAlone() throws {
        let state = State(backlog: 100)
        let reader = try #require(state.join())
        _ = state.arrive(head, .json)
        _ = state.append([piece("a")])
        _ = state.end(.complete(isStored: true))
        let reading = state.read(reader, .head).0
        #expect(reading.head?.status == 203 && reading.pieces.isEmpty)
        #expect(texts(state.read(reader, .whole).0.pieces) == ["a"])
    }

    @Test("is read in portions, of which the last one carries the ending")
    func portions() throws {
        let state = State(backlog: 1 << 30)
        let reader = try #require(state.join())
        _ = state.append((0..<10).map { _ in FlightPiece(.chunk, ByteBuffer(repeating: 0x61, count: 30_000)) })
        _ = state.end(.complete(isStored: false))
        var sizes: [Int] = []
        while true {
            let reading = state.read(reader).0
            sizes.append(reading.pieces.count)
            #expect((reading.ending == nil) == reading.hasMore)
            if !reading.hasMore { break }
        }
        #expect(sizes == [2, 2, 2, 2, 2])
    }

    @Test("asks its leader to pause when no reader takes more, and to resume when one does or joins")
    func pausing() throws {
        let state = State(backlog: 100)
        let (one, other) = (try #require(state.join()), try #require(state.join()))
        #expect(state.suspend(one) == nil)
        #expect(state.suspend(other) == .pause)
        #expect(state.suspend(other) == nil, "it is paused already")
        #expect(state.read(one).1 == .resume)
        #expect(state.suspend(one) == .pause)
        let third = try #require(state.join())
        #expect(state.read(third).1 == .resume)
        #expect(state.leave(third) == .pause)
        #expect(state.leave(one) == nil)
        #expect(state.leave(other) == .abandoned)
        #expect(state.leave(other) == nil, "it has left")
    }

    @Test("can be closed only while it has no reader")
    func closing() throws {
        let state = State(backlog: 100)
        let reader = try #require(state.join())
        #expect(!state.closeIfEmpty())
        _ = state.leave(reader)
        #expect(state.closeIfEmpty())
        #expect(state.join() == nil)
    }

    @Test(
        "lets nobody join an answer that is not recorded, keeps only what is yet to be read, and cuts off slow readers"
    )
    func unrecorded() throws {
        let state = State(backlog: 10)
        let (quick, slow) = (try #require(state.join()), try #require(state.join()))
        _ = state.append([piece("12345")])
        _ = state.read(quick)
        _ = state.suspend(slow)
        _ = state.stopRecording()
        #expect(state.join() == nil)
        for _ in 0..<3 {
            _ = state.append([piece("12345")])
            #expect(texts(state.read(quick).0.pieces) == ["12345"])
        }
        #expect(state.read(slow).0.isCutOff, "it was more than ten bytes behind")
        #expect(!state.read(quick).0.isCutOff)
    }

    @Test("does not cut off its only reader, since its leader pauses instead")
    func alone() throws {
        let state = State(backlog: 10)
        let reader = try #require(state.join())
        _ = state.stopRecording()
        _ = state.append([piece("12345678")])
        #expect(state.suspend(reader) == .pause)
        _ = state.append([piece("12345678")])
        let reading = state.read(reader).0
        #expect(!reading.isCutOff && reading.pieces.count == 2)
    }
}
