import NIOCore
import Testing

@testable import Gateway

@Suite("A connection's state")
struct ConnectionStateTests {
    private var state = ConnectionState(bodyLimit: 10)

    private func expect(_ action: ConnectionState.Action, _ name: String, at place: SourceLocation = #_sourceLocation) {
        #expect(action.name == name, sourceLocation: place)
    }

    private func bytes(_ count: Int) -> ByteBuffer { ByteBuffer(repeating: UInt8(ascii: "x"), count: count) }

    @Test("A body that arrives in parts is dispatched whole, once, at its end")
    mutating func collects() {
        expect(state.admitted(keepsAlive: true, expectsContinue: false), "none")
        expect(state.received(body: bytes(4)), "none")
        expect(state.received(body: bytes(6)), "none")
        guard case .dispatch(let body) = state.receivedEnd() else { return #expect(Bool(false), "not dispatched") }
        #expect(body.readableBytes == 10)
        #expect(state.stage == .answering)
        expect(state.answered(), "next")
        #expect(state.stage == .idle)
    }

    @Test("A body that is passed on is dispatched once it has more bytes than are collected, whatever the limit")
    mutating func passes() {
        expect(state.admitted(keepsAlive: true, expectsContinue: false, bodyLength: 100, passesAfter: 6), "none")
        expect(state.received(body: bytes(6)), "none")
        guard case .dispatchBeginning(let beginning) = state.received(body: bytes(1)) else {
            return #expect(Bool(false), "not dispatched")
        }
        #expect(beginning.readableBytes == 7 && state.isPassing && state.wantsParts)
        state.holdBody(true)
        #expect(!state.wantsParts && state.readsOn)
        state.holdBody(false)
        expect(state.received(body: bytes(93)), "pass")
        expect(state.receivedEnd(), "endBody")
        #expect(!state.isPassing && !state.wantsParts)
        state.holdBody(true)
        expect(state.answered(), "next")
        // The next request is not one of these.
        expect(state.admitted(keepsAlive: true, expectsContinue: false), "none")
        expect(state.received(body: bytes(7)), "none")
        expect(state.receivedEnd(), "dispatch")
    }

    @Test("A body that is small enough to be collected is dispatched whole")
    mutating func passesWhole() {
        _ = state.admitted(keepsAlive: true, expectsContinue: false, bodyLength: 6, passesAfter: 6)
        expect(state.received(body: bytes(6)), "none")
        expect(state.receivedEnd(), "dispatch")
    }

    @Test("An answer before the end of a body that is passed on ends the connection", arguments: [true, false])
    mutating func answeredEarly(isHeld: Bool) {
        _ = state.admitted(keepsAlive: true, expectsContinue: false, passesAfter: 0)
        expect(state.received(body: bytes(1)), "dispatchBeginning")
        state.holdBody(isHeld)
        expect(state.answered(), "linger")
        expect(state.received(body: bytes(1)), "none")
        expect(state.receivedEnd(), "none")
    }

    @Test("A body that is passed on and breaks off gives up its answer", arguments: [true, false])
    mutating func passedBroken(isHeld: Bool) {
        _ = state.admitted(keepsAlive: true, expectsContinue: false, passesAfter: 0)
        _ = state.received(body: bytes(1))
        state.holdBody(isHeld)
        expect(state.broken(.requestTimeout), "giveUp")
        #expect(!state.keepsAlive)
        expect(state.answered(), "linger")
    }

    @Test("One byte over the limit is refused with 413 and ends the connection")
    mutating func overLimit() {
        _ = state.admitted(keepsAlive: true, expectsContinue: false)
        _ = state.received(body: bytes(10))
        guard case .refuse(let error) = state.received(body: bytes(1)) else {
            return #expect(Bool(false), "not refused")
        }
        #expect(error.status == 413)
        #expect(error.message.contains("10 bytes"))
        #expect(!state.keepsAlive)
        expect(state.received(body: bytes(100)), "none")
        expect(state.receivedEnd(), "none")
        expect(state.answered(), "linger")
        expect(state.received(body: bytes(100)), "none")
    }

    @Test("A client that waits for 100 Continue gets it only when its request is admitted")
    mutating func expectContinue() {
        expect(state.admitted(keepsAlive: true, expectsContinue: true), "sendContinue")
        var other = ConnectionState(bodyLimit: 10)
        let refusal = other.refused(.tooLarge(limit: 10), keepsAlive: true, contentLength: 5, isWaiting: true)
        #expect(refusal.name == "refuse")
        #expect(!other.keepsAlive)
    }

    @Test("A refused request with a short body keeps its connection: the body is dropped, then it is answered")
    mutating func refusedShort() {
        let error = APIError.unauthorized("no")
        expect(state.refused(error, keepsAlive: true, contentLength: 5, isWaiting: false), "none")
        expect(state.received(body: bytes(5)), "none")
        guard case .refuse(let answer) = state.receivedEnd() else { return #expect(Bool(false), "not refused") }
        #expect(answer == error)
        expect(state.answered(), "next")
    }

    @Test("A refused request with a long or unknown body is answered at once and ends its connection")
    mutating func refusedLong() {
        for length in [nil, ConnectionState.discardLimit + 1] {
            state = ConnectionState(bodyLimit: 10)
            let action = state.refused(.tooLarge(limit: 10), keepsAlive: true, contentLength: length, isWaiting: false)
            #expect(action.name == "refuse")
            expect(state.answered(), "linger")
        }
    }

    @Test("No part of the next request is wanted while one is answered")
    mutating func turns() {
        #expect(state.wantsParts)
        _ = state.admitted(keepsAlive: true, expectsContinue: false)
        #expect(state.wantsParts)
        _ = state.receivedEnd()
        #expect(!state.wantsParts)
        expect(state.answered(), "next")
        #expect(state.wantsParts)
        _ = state.admitted(keepsAlive: true, expectsContinue: false)
        _ = state.receivedEnd()
        state.endAfterAnswer()
        expect(state.answered(), "linger")
        #expect(!state.wantsParts)
    }

    @Test("What is no request, or comes too late, is answered and ends the connection")
    mutating func broken() {
        _ = state.admitted(keepsAlive: true, expectsContinue: false)
        guard case .refuse(let error) = state.broken(.requestTimeout) else {
            return #expect(Bool(false), "not refused")
        }
        #expect(error.status == 408 && !state.keepsAlive)
        expect(state.broken(.requestTimeout), "none")
        expect(state.answered(), "linger")
    }

    @Test("A refused request whose body does not come is answered with its refusal")
    mutating func brokenRefusal() {
        let refusal = APIError.unauthorized("no")
        _ = state.refused(refusal, keepsAlive: true, contentLength: 5, isWaiting: false)
        guard case .refuse(let error) = state.broken(.requestTimeout) else {
            return #expect(Bool(false), "not refused")
        }
        #expect(error == refusal && !state.keepsAlive)
    }

    @Test("An answer that is cut off, and a stop between requests, end the connection behind what was written")
    mutating func ends() {
        expect(state.stop(), "linger")
        expect(state.stop(), "none")
        var other = ConnectionState(bodyLimit: 10)
        _ = other.admitted(keepsAlive: true, expectsContinue: false)
        _ = other.receivedEnd()
        expect(other.stop(), "none")
        #expect(!other.keepsAlive)
        expect(other.cutOff(), "linger")
        expect(other.cutOff(), "none")
    }
}

extension ConnectionState.Action {
    fileprivate var name: String {
        switch self {
        case .none: "none"
        case .sendContinue: "sendContinue"
        case .dispatch: "dispatch"
        case .dispatchBeginning: "dispatchBeginning"
        case .pass: "pass"
        case .endBody: "endBody"
        case .giveUp: "giveUp"
        case .refuse: "refuse"
        case .next: "next"
        case .linger: "linger"
        }
    }
}
