import Dialects
import JSON
import NIOCore
import ResponseCache
import Testing
import Upstream

@testable import Gateway

@Suite("The delivery of a flight's answer to one client")
struct DeliveryStateTests {
    private let json = RequestedForm(isStream: false, includesUsage: false)
    private let stream = RequestedForm(isStream: true, includesUsage: false)

    private func head(_ status: Int = 200) -> UpstreamHead {
        UpstreamHead(status: status, fields: [], contentLength: nil)
    }

    private func state(_ requested: RequestedForm, isFollower: Bool = false, hasStale: Bool = false) -> DeliveryState {
        DeliveryState(requested, isFollower: isFollower, hasStale: hasStale, status: CacheStatus(.forwarded(.miss)))
    }

    private func reading(
        _ form: FlightForm = .other,
        status: Int? = 200,
        ending: FlightEnding? = nil,
        isUnrecorded: Bool = false,
        isCutOff: Bool = false
    ) -> FlightState.Reading {
        FlightState.Reading(
            head: status.map { head($0) },
            form: form,
            pieces: [],
            ending: ending,
            isUnrecorded: isUnrecorded,
            isCutOff: isCutOff
        )
    }

    private let failed = FlightEnding.failed(UpstreamError(.closedEarly, "it went away"))

    /// The failure of a stream that has events which are no JSON.
    private var unreadable: StreamFailure {
        let pieces = [
            FlightPiece(.error, ByteBuffer(string: "data: nonsense\n\n")),
            FlightPiece(.done, ByteBuffer(string: "data: [DONE]\n\n")),
        ]
        return StreamFailure(of: pieces, OpenAI.errors, with: JSONDocument())
    }

    /// A short name of an action and of what is done where it is impossible.
    private func name(_ action: DeliveryState.Action) -> String {
        switch action {
        case .wait: "wait"
        case .readOn: "read on"
        case .suspend: "suspend"
        case .beginRelay(_, let isEventStream): isEventStream ? "relay events" : "relay"
        case .relay(.flush(let hasMore)): hasMore ? "flush, more" : "flush"
        case .relay(.finish): "finish"
        case .relay(.cutOff): "relay, cut off"
        case .answer: "answer"
        case .answerAsEvents(_, let includesUsage): includesUsage ? "events with usage" : "events"
        case .answerAssembled(_, let otherwise): "assembled, else \(name(otherwise))"
        case .explainFailure: "explain"
        case .answerFailure(_, let failure): "failure \(failure.status)"
        case .answerStale(let otherwise): "stale, else \(name(otherwise))"
        case .callAlone: "alone"
        case .refuse(let error): "refuse \(error.status)"
        case .cutOff: "cut off"
        }
    }

    @Test("waits for the head, then passes a stream on to a client that asked for one")
    func relaysStream() {
        var state = state(stream)
        #expect(state.interest == .head)
        #expect(name(state.take(reading(status: nil))) == "wait")
        #expect(name(state.take(reading(.stream))) == "relay events")
        #expect(state.interest == .pieces && state.isRelayingEvents)
        #expect(name(state.take(reading(.stream))) == "flush")
        #expect(name(state.take(reading(.stream, ending: .complete(isStored: true)))) == "finish")
        state.finish()
        #expect(name(state.take(reading(.stream))) == "wait" && !state.isRelaying)
    }

    @Test("reads on after a flush where there is more, and suspends where the client takes no more")
    func flushes() {
        let state = state(stream)
        #expect(name(state.flushed(hasMore: true, clientTakesMore: true)) == "read on")
        #expect(name(state.flushed(hasMore: false, clientTakesMore: true)) == "wait")
        #expect(name(state.flushed(hasMore: true, clientTakesMore: false)) == "suspend")
    }

    @Test("passes events that tell the usage on to those alone who asked for them")
    func usage() {
        let asked = state(RequestedForm(isStream: true, includesUsage: true))
        #expect(asked.passesOn(.usage) && asked.passesOn(.chunk))
        #expect(!state(stream).passesOn(.usage) && state(stream).passesOn(.done))
        var converted = self.state(RequestedForm(isStream: true, includesUsage: true))
        _ = converted.take(reading(.json))
        #expect(name(converted.take(reading(.json, ending: .complete(isStored: true)))) == "events with usage")
    }

    @Test("holds an answer in one piece until it is known whether it is stored")
    func holds() {
        var state = state(json)
        #expect(name(state.take(reading(.json))) == "read on")
        #expect(state.interest == .whole)
        #expect(name(state.take(reading(.json))) == "wait")
        #expect(name(state.take(reading(.json, ending: .complete(isStored: true)))) == "answer")
        #expect(state.status.isStored && !state.status.isCollapsed)
    }

    @Test("says of a follower's answer that it was collapsed, and not that it was stored")
    func followerStatus() {
        var state = state(json, isFollower: true)
        _ = state.take(reading(.json))
        _ = state.take(reading(.json, ending: .complete(isStored: true)))
        #expect(!state.status.isStored && state.status.isCollapsed)
    }

    @Test("relays an answer in one piece that turns out to be too long to be held")
    func tooLong() {
        var state = state(json)
        _ = state.take(reading(.json))
        #expect(name(state.take(reading(.json, isUnrecorded: true))) == "relay")
        var late = self.state(json, isFollower: true)
        #expect(name(late.take(reading(.json, isUnrecorded: true))) == "relay")
    }

    @Test("gives a client a call of its own where an answer that must be converted is too long to be held")
    func tooLongToConvert() {
        var body = state(json)
        _ = body.take(reading(.stream))
        #expect(name(body.take(reading(.stream, isUnrecorded: true))) == "alone")
        var events = state(stream, isFollower: true)
        _ = events.take(reading(.json))
        let action = events.take(reading(.json, isUnrecorded: true))
        guard case .callAlone(let status) = action else {
            Issue.record("it does \(name(action))")
            return
        }
        #expect(!status.isCollapsed && !status.isStored, "its own call is not collapsed")
    }

    @Test("assembles a stream for a client that wants one piece; only a follower gets a call of its own instead")
    func assembles() {
        var leader = state(json)
        var stale = state(json, hasStale: true)
        var follower = state(json, isFollower: true)
        _ = leader.take(reading(.stream))
        _ = stale.take(reading(.stream))
        _ = follower.take(reading(.stream))
        let whole = reading(.stream, ending: .complete(isStored: false))
        #expect(name(leader.take(whole)) == "assembled, else refuse 502")
        #expect(name(stale.take(whole)) == "assembled, else stale, else refuse 502")
        #expect(name(follower.take(whole)) == "assembled, else alone")
    }

    @Test("answers with the error of a stream that failed, or with what was cached before where the model is at fault")
    func streamFailed() {
        let failure = StreamFailure(of: [], OpenAI.errors, with: JSONDocument())
        var plain = state(json)
        _ = plain.take(reading(.stream))
        #expect(name(plain.take(reading(.stream, ending: .incomplete))) == "explain")
        #expect(name(plain.explain(head(), failure)) == "failure 502")
        var stale = state(json, hasStale: true)
        #expect(name(stale.explain(head(), failure)) == "stale, else failure 502")
        #expect(name(stale.explain(head(), failure)) == "failure 502", "what was cached before is tried once")
    }

    @Test("gives followers of a stream that cannot be read a call of their own, and its leader the error")
    func unreadableStream() {
        var follower = state(json, isFollower: true)
        var leader = state(json)
        #expect(name(follower.explain(head(), unreadable)) == "alone")
        #expect(name(leader.explain(head(), unreadable)) == "failure 502")
    }

    @Test("gives a follower that wants one piece a call of its own where something else came for a stream")
    func otherForm() {
        var follower = state(json, isFollower: true)
        #expect(name(follower.take(reading(.other))) == "alone")
        var leader = state(json)
        #expect(name(leader.take(reading(.other))) == "relay")
        var error = state(json, isFollower: true)
        #expect(name(error.take(reading(.other, status: 400))) == "relay")
    }

    @Test("serves what was cached before where the model fails, and passes a client's own mistake on")
    func stale() {
        var state = state(json, hasStale: true)
        #expect(name(state.take(reading(.other, status: 503))) == "stale, else relay")
        var mistake = self.state(json, hasStale: true)
        #expect(name(mistake.take(reading(.other, status: 400))) == "relay")
        var early = self.state(stream, hasStale: true)
        #expect(name(early.take(reading(status: nil, ending: failed))) == "stale, else refuse 502")
        var held = self.state(json, hasStale: true)
        _ = held.take(reading(.json))
        #expect(name(held.take(reading(.json, ending: failed))) == "stale, else refuse 502")
    }

    @Test("does not serve what was cached before once a part of the answer was sent")
    func failsLate() {
        var state = state(stream, hasStale: true)
        _ = state.take(reading(.stream))
        #expect(name(state.take(reading(.stream, ending: failed))) == "relay, cut off")
    }

    @Test("is refused where the flight ends without a head")
    func noHead() {
        var state = state(json)
        #expect(name(state.take(reading(status: nil, ending: .complete(isStored: false)))) == "refuse 500")
    }

    @Test("is cut off where the client was too far behind")
    func cutOff() {
        var state = state(stream)
        _ = state.take(reading(.stream))
        #expect(name(state.take(reading(.stream, isCutOff: true))) == "cut off")
    }
}
