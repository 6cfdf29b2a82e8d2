import Testing

@testable import Gateway

@Suite("Sockets that the process was started with")
struct PassedSocketsTests {
    private func sockets(_ count: String?, _ process: String? = "7", _ names: String? = nil) throws -> [String] {
        try PassedSockets(count: count, process: process, names: names, ownProcess: 7).sockets
            .map { "\($0.descriptor) \($0.name)" }
    }

    @Test("They are numbered from 3 on, and have the names that are given")
    func numbered() throws {
        #expect(try sockets("2") == ["3 ", "4 "])
        #expect(try sockets("3", "7", "web:admin") == ["3 web", "4 admin", "5 "])
        #expect(try sockets("1", "7", "web:admin") == ["3 web"])
        #expect(try sockets("0") == [])
    }

    @Test("Variables that are meant for another process are ignored, as are incomplete ones")
    func others() throws {
        #expect(try sockets("2", "8") == [])
        #expect(try sockets("2", nil) == [])
        #expect(try sockets(nil) == [])
        #expect(try sockets("x", "8") == [])
    }

    @Test("A number that is none is an error", arguments: ["", "x", "-1", "1025", "99999999999"])
    func wrong(count: String) {
        #expect(throws: PassedSockets.Failure.self) { try sockets(count) }
    }
}
