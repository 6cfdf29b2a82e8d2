import Foundation
import Testing

/// What systemd is told, as a service manager hears it.
@Suite("A service manager's view of the gateway", .timeLimit(.minutes(1)))
struct ServiceManagerTests {
    @Test("It is told when the gateway serves, that it responds, and when it stops")
    func states() async throws {
        let socket = try NotifySocket()
        let service = try Service(
            Mock.configuration,
            ["--port", "0"],
            environment: ["NOTIFY_SOCKET": socket.path, "WATCHDOG_USEC": "100000"]
        )
        let port = try await service.listening()
        #expect(try await socket.receives("READY=1\n"))
        // Whoever is told that it is ready can connect.
        #expect(try await Mock.ask(port).status == 200)
        for _ in 0..<3 { #expect(try await socket.receives("WATCHDOG=1\n")) }
        service.signal(SIGTERM)
        #expect(try await socket.receives("STOPPING=1\n"))
        #expect(try await service.status == 0)
    }

    @Test("A watchdog that is meant for another process gets no pings")
    func foreignWatchdog() async throws {
        let socket = try NotifySocket()
        let service = try Service(
            Mock.configuration,
            ["--port", "0"],
            environment: ["NOTIFY_SOCKET": socket.path, "WATCHDOG_USEC": "20000", "WATCHDOG_PID": "1"]
        )
        try await service.listening()
        #expect(try await socket.receives("READY=1\n"))
        try await Task.sleep(for: .milliseconds(200))
        #expect(socket.next() == nil)
        try await service.stop()
    }

    @Test("A gateway that cannot start does not say that it is ready")
    func failedStart() async throws {
        let socket = try NotifySocket()
        let taken = try PassedSocket()
        let service = try Service(
            Mock.configuration,
            ["--port", "\(taken.port)"],
            environment: ["NOTIFY_SOCKET": socket.path]
        )
        #expect(try await service.status == 1)
        #expect(service.log.contains("cannot listen on 127.0.0.1:\(taken.port): address already in use"))
        #expect(socket.next() == nil)
    }

    @Test("A NOTIFY_SOCKET that is none stops the start with one line; one that nobody reads does not")
    func wrongSocket() async throws {
        let wrong = try Service(Mock.configuration, ["--port", "0"], environment: ["NOTIFY_SOCKET": "relative"])
        #expect(try await wrong.status == 1)
        #expect(wrong.log.contains("NOTIFY_SOCKET is 'relative', which is neither an absolute path"))
        let deserted = try Service(Mock.configuration, ["--port", "0"], environment: ["NOTIFY_SOCKET": "/nowhere"])
        try await deserted.listening()
        #expect(try await deserted.logged(#/the service manager that NOTIFY_SOCKET names cannot be told anything/#))
        try await deserted.stop()
    }
}
