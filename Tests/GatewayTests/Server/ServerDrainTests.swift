import Testing

@testable import Gateway

@Suite("The server's end on an event loop")
struct ServerDrainTests {
    @Test("waits for the connections that have a request, then for all others, and reports each once")
    func order() {
        var drain = ServerDrain()
        var told: [String] = []
        #expect(drain.settled(isEmpty: true) == nil, "nobody has asked for the end")
        drain.becameBusy()
        drain.stop { told.append("settled") }
        #expect(drain.isStopping)
        drain.settled(isEmpty: false)?()
        #expect(told.isEmpty)
        drain.closed(wasBusy: false)
        drain.settled(isEmpty: false)?()
        #expect(told.isEmpty, "a connection without a request is not what is waited for")
        drain.closed(wasBusy: true)
        drain.settled(isEmpty: false)?()
        #expect(told == ["settled"])
        drain.finish { told.append("empty") }
        drain.settled(isEmpty: false)?()
        #expect(told == ["settled"])
        drain.settled(isEmpty: true)?()
        drain.settled(isEmpty: true)?()
        #expect(told == ["settled", "empty"])
    }
}
