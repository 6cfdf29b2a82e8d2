import Glibc
import NIOCore
import Testing

@testable import Gateway

@Suite("The counts of connections")
struct ConnectionCountsTests {
    private var counts = ConnectionCounts(limits: .init(total: 3, perAddress: 2, refusals: 1))
    private let one = ClientAddress(try? SocketAddress(ipAddress: "10.0.0.1", port: 1))
    private let two = ClientAddress(try? SocketAddress(ipAddress: "10.0.0.2", port: 1))

    @Test("One client and all together have limits, and a few connections beyond them are refused with an answer")
    mutating func limits() {
        #expect(counts.open(one) == .admitted)
        #expect(counts.open(one) == .admitted)
        #expect(counts.open(one) == .refusedAddress)
        #expect(counts.open(one) == .turnedAway)
        #expect(counts.open(two) == .admitted)
        counts.close(one, .refusedAddress)
        #expect(counts.open(two) == .refused)
        #expect(counts.open == 3 && counts.refusing == 1)
    }

    @Test("A connection that is closed makes room for another, whichever verdict it had")
    mutating func closing() {
        for _ in 0..<1_000 {
            let verdicts = (0..<5).map { _ in counts.open(one) }
            #expect(verdicts == [.admitted, .admitted, .refusedAddress, .turnedAway, .turnedAway])
            for verdict in verdicts { counts.close(one, verdict) }
            #expect(counts.open == 0 && counts.refusing == 0)
        }
    }

    @Test("Addresses of one /64 are one client; IPv4 addresses are one each, in either spelling")
    func addresses() throws {
        func client(_ text: String) throws -> ClientAddress {
            ClientAddress(try SocketAddress(ipAddress: text, port: 7))
        }
        #expect(try client("2001:db8:0:1::1") == client("2001:db8:0:1:ffff::2"))
        #expect(try client("2001:db8:0:1::1") != client("2001:db8:0:2::1"))
        #expect(try client("10.0.0.1") != client("10.0.0.2"))
        #expect(try client("::ffff:10.0.0.1") == client("10.0.0.1"))
        #expect(try client("::ffff:10.0.0.1") != client("::ffff:10.0.0.2"))
        #expect(try client("::1") != client("10.0.0.1"))
    }

    @Test("A quarter of the descriptors is kept from clients, and half of the rest from any one of them")
    func descriptors() {
        let usual = DescriptorLimit(limit: 1_048_576, inUse: 40).connectionLimits(total: nil, perAddress: nil)
        #expect(usual == .init(total: 786_402, perAddress: 393_201, refusals: 256))
        let few = DescriptorLimit(limit: 64, inUse: 24).connectionLimits(total: nil, perAddress: nil)
        #expect(few == .init(total: 20, perAddress: 10, refusals: 5))
        let none = DescriptorLimit(limit: 10, inUse: 24).connectionLimits(total: nil, perAddress: nil)
        #expect(none.total >= 1 && none.perAddress >= 1 && none.refusals >= 1)
        let given = DescriptorLimit(limit: 1_024, inUse: 24).connectionLimits(total: 100, perAddress: 7)
        #expect(given.total == 100 && given.perAddress == 7)
        let most = DescriptorLimit(limit: .max, inUse: 24).connectionLimits(total: nil, perAddress: nil)
        #expect(most.total > 1_000_000)
    }
}
