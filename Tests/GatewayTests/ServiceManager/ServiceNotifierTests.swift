import Foundation
import Testing

@testable import Gateway

@Suite("What a service manager is told")
struct ServiceNotifierTests {
    @Test(
        "Each state is one datagram, to a path or to a name in the abstract namespace",
        arguments: ["\(NSTemporaryDirectory())/notify-\(UUID().uuidString)", "@gateway-test-\(UUID().uuidString)"]
    )
    func states(name: String) throws {
        let socket = try NotifySocket(name)
        defer { unlink(name) }
        let service = try ServiceNotifier(socket: name)
        #expect(service.isActive)
        let states: [(ServiceState, String)] = [
            (.ready, "READY=1\n"), (.reloading(monotonicMicroseconds: 17), "RELOADING=1\nMONOTONIC_USEC=17\n"),
            (.stopping, "STOPPING=1\n"), (.alive, "WATCHDOG=1\n"),
        ]
        for (state, message) in states {
            #expect(service.notify(state))
            #expect(socket.next() == message)
        }
    }

    @Test("A reload carries the monotonic time of its begin")
    func reloading() {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        let before = UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1_000
        guard case .reloading(let stated) = ServiceNotifier.reloadingNow() else {
            Issue.record("it is not reloading")
            return
        }
        #expect(stated >= before && stated < before + 60_000_000)
    }

    @Test("Without a service manager nothing is sent, and nothing is wrong", arguments: [nil, ""])
    func none(name: String?) throws {
        let service = try ServiceNotifier(socket: name)
        #expect(!service.isActive)
        #expect(service.notify(.ready))
    }

    @Test(
        "What is no address is refused with its name",
        arguments: ["run/notify", "vsock:2:1234", "/" + String(repeating: "a", count: 108), "x"]
    )
    func unusable(name: String) {
        #expect {
            _ = try ServiceNotifier(socket: name)
        } throws: { error in
            "\(error)".hasPrefix("NOTIFY_SOCKET is '\(name.prefix(20))") && "\(error)".hasSuffix("107 bytes at most")
        }
    }

    @Test("A service manager that is gone is not told, and one that does not read delays the sender a second at most")
    func deaf() throws {
        let name = "@gateway-test-\(UUID().uuidString)"
        #expect(try !ServiceNotifier(socket: name).notify(.ready))
        let socket = try NotifySocket(name)
        let service = try ServiceNotifier(socket: name)
        let clock = ContinuousClock()
        let began = clock.now
        while service.notify(.alive) {}
        #expect(clock.now - began < .seconds(5))
        #expect(socket.next() == "WATCHDOG=1\n")
        #expect(service.notify(.alive))
    }
}
