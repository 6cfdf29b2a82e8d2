import NIOCore
import Testing

@testable import Gateway
@testable import Upstream

@Suite("An answer that is passed on to one client")
struct RelayStateTests {
    private let failure = UpstreamError(.closedEarly, "the model's server closed the connection")
    private let stream = [("content-type", "text/event-stream")]

    private func state(isHTTP10: Bool = false, isHead: Bool = false, hasStale: Bool = false) -> RelayState {
        RelayState(isHTTP10: isHTTP10, isHead: isHead, hasStale: hasStale, endMarks: ["data: [DONE]"])
    }

    private func head(_ status: Int = 200, _ fields: [(String, String)] = [], length: Int? = nil) -> UpstreamHead {
        UpstreamHead(status: status, fields: fields.map { (name: $0.0, value: $0.1) }, contentLength: length)
    }

    private func name(_ action: RelayState.Action) -> String {
        func name(_ framing: BodyFraming) -> String {
            switch framing {
            case .length(let length): "length \(length)"
            case .chunked: "chunks"
            case .untilClose: "until close"
            case .headOnly: "head only"
            }
        }
        return switch action {
        case .none: "none"
        case .begin(let framing): "begin, \(name(framing))"
        case .pass(let framing): "pass, \(name(framing))"
        case .finish(let framing): "finish, \(name(framing))"
        case .answerStale(let otherwise): "stale, else \(self.name(otherwise))"
        case .refuse: "refuse"
        case .cutOff(_, let event): "cut off" + (event.map { ", event in \(name($0))" } ?? "")
        }
    }

    @Test("is framed by its length where the model says it, and else as the client's version allows")
    func framing() {
        var known = state()
        let length = known.take(head(length: 12))
        #expect(name(length) == "begin, length 12")
        var chunked = state()
        let chunks = chunked.take(head())
        #expect(name(chunks) == "begin, chunks")
        var old = state(isHTTP10: true)
        let close = old.take(head())
        #expect(name(close) == "begin, until close")
    }

    @Test("has no body where the request is HEAD or the status says so, and an end that no event may follow")
    func headOnly() {
        var known = state(isHead: true)
        let length = known.take(head(200, stream, length: 12))
        #expect(name(length) == "begin, length 12" && known.eventFraming == nil)
        for isHTTP10 in [false, true] {
            var unknown = state(isHTTP10: isHTTP10, isHead: true)
            let begin = unknown.take(head(200, stream))
            let event = unknown.eventFraming
            let end = unknown.end()
            #expect(name(begin) == "begin, head only" && event == nil && name(end) == "finish, head only")
        }
        for status in [204, 304] {
            var state = state()
            let begin = state.take(head(status, length: 0))
            #expect(name(begin) == "begin, head only")
        }
    }

    @Test("ends with the model's answer, and nothing follows it")
    func end() {
        var state = state()
        let begin = state.take(head())
        let pass = state.take(ByteBuffer(string: "{}"))
        #expect([name(begin), name(pass)] == ["begin, chunks", "pass, chunks"])
        #expect(state.isRelaying && !state.isOver)
        let end = state.end()
        #expect(name(end) == "finish, chunks")
        #expect(state.isOver && !state.isRelaying)
        let late = state.fail(failure)
        #expect(name(late) == "none")
    }

    @Test(
        "is the stale answer, where there is one in the requested form, if the model fails before its head or with it"
    )
    func stale() {
        var beforeHead = state(hasStale: true)
        let failed = beforeHead.fail(failure)
        #expect(name(failed) == "stale, else refuse")
        var withHead = state(hasStale: true)
        let error = withHead.take(head(503))
        #expect(name(error) == "stale, else begin, chunks")
        var client = state(hasStale: true)
        let badRequest = client.take(head(400))
        #expect(name(badRequest) == "begin, chunks", "the request itself is wrong")
        var none = state()
        let refused = none.fail(failure)
        #expect(name(refused) == "refuse")
    }

    @Test("is cut off where the model fails behind its head; a stream says why in its last event, where that has room")
    func cutOff() {
        var json = state()
        _ = json.take(head())
        let plain = json.fail(failure)
        #expect(name(plain) == "cut off")
        var events = state()
        _ = events.take(head(200, stream))
        _ = events.take(ByteBuffer(string: "data: {}\n\n"))
        let told = events.fail(failure)
        #expect(name(told) == "cut off, event in chunks")
        var measured = state()
        _ = measured.take(head(200, stream, length: 100))
        let silent = measured.fail(failure)
        #expect(name(silent) == "cut off")
    }

    @Test("is whole where a stream breaks behind its [DONE]")
    func brokenBehindTheEnd() {
        var state = state()
        _ = state.take(head(200, stream))
        _ = state.take(ByteBuffer(string: "data: {}\n\ndata: [DONE]\n\n"))
        let end = state.fail(failure)
        #expect(name(end) == "finish, chunks")
    }

    @Test("gets nothing more when the client has gone")
    func gone() {
        var state = state(hasStale: true)
        _ = state.take(head())
        state.finish()
        let pass = state.take(ByteBuffer(string: "late"))
        let end = state.end()
        #expect([name(pass), name(end)] == ["none", "none"])
        #expect(state.eventFraming == nil)
    }
}
