import Configuration
import Dialects
import JSON
import NIOCore
import ResponseCache
import Testing
import Upstream

@testable import Gateway

@Suite("The leader of a flight")
struct LeaderStateTests {
    private let began = NIODeadline.uptimeNanoseconds(1_000_000_000)
    private let chunk = #"data: {"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}]}"# + "\n\n"
    private let last = #"data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"# + "\n\n"
    private let done = "data: [DONE]\n\n"

    private func state(
        sizeLimit: Int = 10_000,
        onDisconnect: CacheSettings.OnDisconnect = .auto,
        isRefresh: Bool = false,
        asksForStream: Bool = false
    ) -> LeaderState {
        let conditions = LeaderState.Conditions(
            stream: OpenAI.stream,
            sizeLimit: sizeLimit,
            onDisconnect: onDisconnect,
            isRefresh: isRefresh,
            asksForStream: asksForStream,
            asksForUsage: false,
            began: began
        )
        return LeaderState(conditions, document: JSONDocument())
    }

    private func head(_ status: Int = 200, _ contentType: String? = nil, length: Int? = nil) -> UpstreamHead {
        UpstreamHead(
            status: status,
            fields: contentType.map { [(name: "content-type", value: $0)] } ?? [],
            contentLength: length
        )
    }

    private var streamHead: UpstreamHead { head(200, "text/event-stream") }

    /// Takes bytes in as the executor does, with memory for all of them, and gives the last action that is one.
    private func take(_ text: String, _ state: inout LeaderState) -> LeaderState.Action {
        let bytes = ByteBuffer(string: text)
        var last = state.count(bytes.readableBytes)
        _ = state.take(bytes, isUnderPressure: false, at: began)
        let settled = state.settle()
        if case .none = settled {} else { last = settled }
        return last
    }

    private func name(_ action: LeaderState.Action?) -> String {
        switch action {
        case nil: "failed"
        case .some(.none): "none"
        case .stopRecording: "stop recording"
        case .storeStream: "store stream"
        case .storeBody(let body): "store " + String(buffer: body)
        case .leaveTable: "leave table"
        case .pauseCall: "pause"
        case .resumeCall: "resume"
        case .cancelIfEmpty: "cancel"
        }
    }

    private func text(_ update: FlightUpdate) -> String {
        update.pieces.map { String(buffer: $0.bytes) }.joined()
    }

    // MARK: Storing

    @Test("passes on an answer without a type, where it need not be JSON")
    func untyped() {
        for (needsType, type, action) in [
            (true, nil, "stop recording"), (true, "audio/mpeg", "none"), (false, nil, "none"),
        ] as [(Bool, String?, String)] {
            let conditions = LeaderState.Conditions(
                stream: nil,
                sizeLimit: 100,
                onDisconnect: .auto,
                isRefresh: false,
                asksForStream: false,
                asksForUsage: false,
                began: began,
                needsType: needsType
            )
            var state = LeaderState(conditions, document: JSONDocument())
            #expect(name(state.receive(head(200, type))) == action)
        }
    }

    @Test("stores a body in one piece at its end, and publishes it with its end alone")
    func body() {
        var state = state()
        #expect(name(state.receive(head(200, "application/json"))) == "none")
        #expect(name(take("{", &state)) == "none")
        #expect(state.publishes == false)
        #expect(name(take("}", &state)) == "none")
        #expect(name(state.end(at: began)) == "store {}")
        #expect(state.contentType == "application/json" && state.status == 200)
        #expect(name(state.stored(.handedOver, nil)) == "none")
        state.finish(nil)
        let update = state.takeUpdate()
        #expect(text(update) == "{}" && update.head?.form == .json)
        guard case .complete(isStored: true) = update.ending else {
            Issue.record("the answer is not stored")
            return
        }
    }

    @Test("stores a stream before its last event is published, and then leaves the table")
    func stream() {
        var state = state(asksForStream: true)
        _ = state.receive(streamHead)
        #expect(name(take(chunk, &state)) == "none")
        #expect(state.publishes == true && text(state.takeUpdate()) == chunk)
        #expect(name(take(last + done, &state)) == "store stream")
        let usage = TokenUsage(input: 1, output: 2)
        #expect(name(state.stored(.handedOver, usage)) == "leave table")
        #expect(text(state.takeUpdate()) == last + done, "nothing was published before the store")
        #expect(name(state.end(at: began)) == "none", "it is stored once")
        state.finish(nil)
        let end = state.takeUpdate()
        #expect(end.account.usage == usage && end.account.storing == .handedOver, "what it cost comes with the ending")
        guard case .complete(isStored: true) = end.ending else {
            Issue.record("the stream is not stored")
            return
        }
    }

    @Test("stays in the table where the cache refuses a stream")
    func refusedByCache() {
        var state = state(asksForStream: true)
        _ = state.receive(streamHead)
        _ = take(chunk + last + done, &state)
        #expect(name(state.stored(.notStored(.refused), nil)) == "none")
        state.finish(nil)
        guard case .complete(isStored: false) = state.takeUpdate().ending else {
            Issue.record("the stream counts as stored")
            return
        }
    }

    @Test("does not store a stream that ends before it is whole")
    func notWhole() {
        var state = state(asksForStream: true)
        _ = state.receive(streamHead)
        _ = take(chunk, &state)
        #expect(name(state.end(at: began)) == "none")
        state.finish(nil)
        guard case .incomplete = state.takeUpdate().ending else {
            Issue.record("the stream counts as whole")
            return
        }
    }

    @Test("counts a stream as whole whose call fails behind its last event")
    func failsAfterTheEnd() {
        var whole = state(asksForStream: true)
        _ = whole.receive(streamHead)
        _ = take(chunk + last + done, &whole)
        #expect(name(whole.fail(at: began)) == "none")
        var cut = state(asksForStream: true)
        _ = cut.receive(streamHead)
        _ = take(chunk + last + "data: [DONE]", &cut)
        #expect(name(cut.fail(at: began)) == "store stream", "only the line end of the last event is missing")
        var early = state(asksForStream: true)
        _ = early.receive(streamHead)
        _ = take(chunk, &early)
        #expect(name(early.fail(at: began)) == "failed")
    }

    // MARK: The form of the answer

    @Test("does not record an error")
    func error() {
        var state = state()
        #expect(name(state.receive(head(500, "application/json"))) == "stop recording")
        #expect(state.isUnrecorded == true)
        _ = take("{}", &state)
        #expect(state.publishes == true)
        let update = state.takeUpdate()
        #expect(update.isUnrecorded && update.head?.form == .other && text(update) == "{}")
        #expect(name(state.end(at: began)) == "none")
    }

    @Test("does not record an answer of another model than the one that the key names")
    func fallback() {
        for contentType in ["application/json", "text/event-stream"] {
            var state = state()
            var head = head(200, contentType)
            head.isFromFallback = true
            #expect(name(state.receive(head)) == "stop recording")
            #expect(state.isUnrecorded == true)
        }
    }

    @Test("finds out from the first bytes whether an answer without a content type is a stream")
    func opening() throws {
        var state = state(asksForStream: true)
        #expect(name(state.receive(head())) == "none")
        #expect(state.recognize(ByteBuffer(string: "da")) == nil)
        #expect(state.publishes == false)
        let recognized = state.recognize(ByteBuffer(string: "ta: {}"))
        let opened = try #require(recognized)
        #expect(String(buffer: opened.bytes) == "data: {}" && name(opened.action) == "none")
        #expect(state.takeUpdate().head?.form == .stream)
        #expect(state.contentType == "text/event-stream")
    }

    @Test("takes an answer for one piece that has ended before it could be told what it is")
    func shortOpening() throws {
        var state = state(asksForStream: true)
        _ = state.receive(head())
        _ = state.recognize(ByteBuffer(string: "da"))
        let ended = state.recognizeRest()
        let rest = try #require(ended)
        #expect(String(buffer: rest.bytes) == "da")
        #expect(state.takeUpdate().head?.form == .json)
        #expect(state.recognizeRest() == nil)
    }

    // MARK: Answers that are not recorded

    @Test("stops recording an answer that is announced as too long, or turns out to be")
    func tooLong() {
        var announced = self.state(sizeLimit: 4)
        #expect(name(announced.receive(head(200, "application/json", length: 5))) == "stop recording")
        var state = self.state(sizeLimit: 4)
        _ = state.receive(head(200, "application/json", length: nil))
        #expect(name(take("1234", &state)) == "none")
        #expect(name(take("5", &state)) == "stop recording")
        #expect(state.publishes == true && text(state.takeUpdate()) == "12345", "what was held is published")
        #expect(name(take("6", &state)) == "none", "it stops once")
        #expect(name(state.end(at: began)) == "none")
    }

    @Test("stops recording an answer that there is no memory for")
    func memory() {
        var state = state(asksForStream: true)
        _ = state.receive(head(200, "application/json"))
        #expect(state.memory(for: 10) == 10)
        #expect(name(state.memoryRefused()) == "stop recording")
        #expect(name(state.memoryRefused()) == "none")
        var stream = self.state(asksForStream: true)
        _ = stream.receive(streamHead)
        #expect(stream.memory(for: 10) == 30)
        _ = stream.memoryRefused()
        #expect(name(take(chunk + last + done, &stream)) == "none", "it is not stored")
    }

    @Test("tells the readers of an answer that is not recorded when the memory budget is used up")
    func pressure() {
        var state = state()
        _ = state.receive(head(500))
        _ = state.take(ByteBuffer(string: "a"), isUnderPressure: true, at: began)
        #expect(state.takeUpdate().isUnderPressure)
    }

    // MARK: Readers

    @Test("pauses and resumes its call as its readers ask, until it is over")
    func pausing() {
        var state = state()
        #expect(name(state.receive(.pause, typical: TypicalAnswer(), at: began)) == "pause")
        #expect(name(state.receive(.resume, typical: TypicalAnswer(), at: began)) == "resume")
        state.cancel()
        #expect(state.isOver == true)
        #expect(name(state.receive(.pause, typical: TypicalAnswer(), at: began)) == "none")
    }

    @Test("goes on without readers where the configuration says `finish`, and is cancelled where it says `cancel`")
    func disconnect() {
        let typical = TypicalAnswer()
        let finish = state(onDisconnect: .finish)
        let cancel = state(onDisconnect: .cancel)
        #expect(name(finish.receive(.abandoned, typical: typical, at: began)) == "resume")
        #expect(name(cancel.receive(.abandoned, typical: typical, at: began)) == "cancel")
    }

    @Test("goes on without readers by default where at least half of a typical answer has come")
    func half() {
        let typical = TypicalAnswer()
        var state = state()
        #expect(name(state.receive(.abandoned, typical: typical, at: began)) == "cancel")
        #expect(name(state.receive(.abandoned, typical: typical, at: began + .seconds(1))) == "resume")
        _ = state.receive(head(200, "application/json"))
        _ = take(String(repeating: "a", count: 999), &state)
        #expect(name(state.receive(.abandoned, typical: typical, at: began + .seconds(1))) == "cancel")
        _ = take("a", &state)
        #expect(name(state.receive(.abandoned, typical: typical, at: began)) == "resume")
    }

    @Test("is never cancelled for want of readers where it refreshes the cache, unless the answer is not recorded")
    func refresh() {
        var state = state(onDisconnect: .cancel, isRefresh: true)
        #expect(name(state.receive(.abandoned, typical: TypicalAnswer(), at: began)) == "resume")
        _ = state.receive(head(500))
        #expect(name(state.receive(.abandoned, typical: TypicalAnswer(), at: began)) == "cancel")
    }
}
