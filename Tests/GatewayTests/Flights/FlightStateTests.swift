import NIOCore
import NIOEmbedded
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

        func board() -> Int? { state.board() }
        func leave(_ id: Int) -> FlightRequest? { state.leave(id) }
        func closeIfEmpty() -> Bool { state.closeIfEmpty() }
        func read(_ id: Int, _ appetite: FlightAppetite = .pieces) -> (
            FlightState.Reading, FlightRequest?
        ) {
            state.read(id, appetite)
        }
        func stall(_ id: Int) -> FlightRequest? { state.stall(id) }
        func arrive(_ head: UpstreamHead, _ form: FlightForm) -> [Int] { tell { $0.head = (head, form) } }
        func append(_ pieces: [FlightPiece]) -> [Int] { tell { $0.pieces = pieces } }
        func overflow() -> [Int] { tell { $0.isOverlong = true } }
        func end(_ ending: FlightEnding) -> [Int] { tell { $0.ending = ending } }
        func tell(_ news: FlightNews) -> [Int] { state.tell(news) }

        private func tell(_ fill: (inout FlightNews) -> Void) -> [Int] {
            var news = FlightNews()
            fill(&news)
            return tell(news)
        }
    }

    private let head = UpstreamHead(status: 203, fields: [], contentLength: nil)

    private func piece(_ text: String) -> FlightPiece { FlightPiece(.chunk, ByteBuffer(string: text)) }

    private func texts(_ pieces: [FlightPiece]) -> [String] { pieces.map { String(buffer: $0.bytes) } }

    @Test("gives a rider what has come so far at once, and wakes it for the rest")
    func late() throws {
        let state = State(backlog: 100)
        let first = try #require(state.board())
        #expect(state.arrive(head, .stream) == [first])
        _ = state.read(first)
        #expect(state.append([piece("a"), piece("b")]) == [first])
        let second = try #require(state.board())
        let reading = state.read(second).0
        #expect(reading.head?.status == 203 && texts(reading.pieces) == ["a", "b"] && reading.ending == nil)
        // The first was woken and has not read yet: it is not woken twice.
        #expect(state.append([piece("c")]) == [second])
        #expect(texts(state.read(first).0.pieces) == ["a", "b", "c"])
        #expect(texts(state.read(second).0.pieces) == ["c"])
        #expect(Set(state.end(.complete(isStored: true))) == [first, second])
        #expect(state.board() == nil, "it has landed")
    }

    @Test("wakes a rider once for all that one reading of the model brought")
    func news() throws {
        let state = State(backlog: 100)
        let rider = try #require(state.board())
        var news = FlightNews()
        news.head = (head, .stream)
        news.pieces = [piece("a"), piece("b")]
        news.ending = .complete(isStored: true)
        #expect(state.tell(news) == [rider])
        #expect(state.read(rider, .head).0.head?.status == 203)
        let reading = state.read(rider).0
        #expect(texts(reading.pieces) == ["a", "b"] && reading.ending != nil)
    }

    @Test("lets a rider who waits for the whole sleep until then, and gives it everything")
    func whole() throws {
        let state = State(backlog: 100)
        let rider = try #require(state.board())
        _ = state.arrive(head, .stream)
        _ = state.read(rider, .whole)
        #expect(state.append([piece("a")]).isEmpty)
        #expect(state.append([piece("b")]).isEmpty)
        #expect(state.end(.complete(isStored: false)) == [rider])
        let reading = state.read(rider, .whole).0
        #expect(texts(reading.pieces) == ["a", "b"] && reading.ending != nil)
    }

    @Test("tells its head without giving away anything of the answer")
    func headAlone() throws {
        let state = State(backlog: 100)
        let rider = try #require(state.board())
        _ = state.arrive(head, .json)
        _ = state.append([piece("a")])
        _ = state.end(.complete(isStored: true))
        let reading = state.read(rider, .head).0
        #expect(reading.head?.status == 203 && reading.pieces.isEmpty)
        #expect(texts(state.read(rider, .whole).0.pieces) == ["a"])
    }

    @Test("is read in portions, the ending last")
    func portions() throws {
        let state = State(backlog: 1 << 30)
        let rider = try #require(state.board())
        _ = state.append((0..<10).map { _ in FlightPiece(.chunk, ByteBuffer(repeating: 0x61, count: 30_000)) })
        _ = state.end(.complete(isStored: false))
        var sizes: [Int] = []
        while true {
            let reading = state.read(rider).0
            sizes.append(reading.pieces.count)
            #expect((reading.ending == nil) == reading.hasMore)
            if !reading.hasMore { break }
        }
        #expect(sizes == [2, 2, 2, 2, 2])
    }

    @Test("asks its leader to pause when no rider takes more, and to read on when one does or comes")
    func pausing() throws {
        let state = State(backlog: 100)
        let (one, other) = (try #require(state.board()), try #require(state.board()))
        #expect(state.stall(one) == nil)
        #expect(state.stall(other) == .pause)
        #expect(state.stall(other) == nil, "it is paused already")
        #expect(state.read(one).1 == .resume)
        #expect(state.stall(one) == .pause)
        let third = try #require(state.board())
        #expect(state.read(third).1 == .resume)
        #expect(state.leave(third) == .pause)
        #expect(state.leave(one) == nil)
        #expect(state.leave(other) == .abandoned)
        #expect(state.leave(other) == nil, "it has left")
    }

    @Test("can be closed only while nobody rides it")
    func closing() throws {
        let state = State(backlog: 100)
        let rider = try #require(state.board())
        #expect(!state.closeIfEmpty())
        _ = state.leave(rider)
        #expect(state.closeIfEmpty())
        #expect(state.board() == nil)
    }

    @Test(
        "of an answer that is too long takes nobody aboard, keeps only what somebody has yet to read, and leaves laggards"
    )
    func overlong() throws {
        let state = State(backlog: 10)
        let (quick, slow) = (try #require(state.board()), try #require(state.board()))
        _ = state.append([piece("12345")])
        _ = state.read(quick)
        _ = state.stall(slow)
        _ = state.overflow()
        #expect(state.board() == nil)
        for _ in 0..<3 {
            _ = state.append([piece("12345")])
            #expect(texts(state.read(quick).0.pieces) == ["12345"])
        }
        #expect(state.read(slow).0.isCutOff, "it was more than ten bytes behind")
        #expect(!state.read(quick).0.isCutOff)
    }

    @Test("leaves nobody behind who is alone: the leader pauses instead")
    func alone() throws {
        let state = State(backlog: 10)
        let rider = try #require(state.board())
        _ = state.overflow()
        _ = state.append([piece("12345678")])
        #expect(state.stall(rider) == .pause)
        _ = state.append([piece("12345678")])
        let reading = state.read(rider).0
        #expect(!reading.isCutOff && reading.pieces.count == 2)
    }
}

@Suite("The flights in the air")
struct FlightTableTests {
    private func key(_ name: String) throws -> CacheKey {
        try CacheKeyBuilder().key(
            for: KeyMaterial(
                tenant: "t",
                namespace: nil,
                clientNamespace: nil,
                callType: "completion",
                modelGroup: name,
                modelGroupFingerprint: Array("f".utf8),
                forwardedHeaders: []
            ),
            body: document()
        )
    }

    private func document() throws -> JSONDocument {
        let document = JSONDocument()
        try document.parse(ByteBuffer(string: "{}"))
        return document
    }

    private let rider = Flight.Rider(eventLoop: EmbeddedEventLoop()) {}

    private func board(_ table: FlightTable, _ key: CacheKey, needs: Bool = false, gives: Bool = true) -> (
        Bool, Flight
    )? {
        switch table.board(key, needsUsage: needs, givesUsage: gives, backlog: 1, rider) {
        case .leads(let flight, _): (true, flight)
        case .follows(let flight, _): (false, flight)
        case nil: nil
        }
    }

    @Test("are boarded by those who ask the same, until they land")
    func boarding() throws {
        let table = FlightTable(memory: MemoryBudget(limit: 1 << 30))
        let (a, b) = (try key("a"), try key("b"))
        let first = try #require(board(table, a))
        #expect(first.0)
        let second = try #require(board(table, a))
        #expect(!second.0 && second.1 === first.1)
        #expect(board(table, b)?.0 == true && table.count == 2)
        table.land(first.1)
        let third = try #require(board(table, a))
        #expect(third.0 && third.1 !== first.1)
        table.land(first.1)
        #expect(table.count == 2, "a flight that has landed takes no other with it")
    }

    @Test("that do not tell the usage are none for those who want to know it")
    func usage() throws {
        let table = FlightTable(memory: MemoryBudget(limit: 1 << 30))
        let a = try key("a")
        let silent = try #require(board(table, a, needs: false, gives: false))
        #expect(board(table, a, needs: false, gives: true)?.1 === silent.1)
        let telling = try #require(board(table, a, needs: true, gives: true))
        #expect(telling.0 && telling.1 !== silent.1)
        #expect(board(table, a, needs: false, gives: false)?.1 === telling.1)
    }

    @Test("are refreshed by one alone, and boarded meanwhile")
    func refreshing() throws {
        let table = FlightTable(memory: MemoryBudget(limit: 1 << 30))
        let a = try key("a")
        let refresh = try #require(table.refresh(a, givesUsage: true, backlog: 1))
        #expect(table.refresh(a, givesUsage: false, backlog: 1) == nil)
        #expect(board(table, a)?.1 === refresh)
        #expect(table.follow(a, needsUsage: true, rider)?.0 === refresh)
        #expect(table.follow(try key("b"), needsUsage: false, rider) == nil)
    }
}
