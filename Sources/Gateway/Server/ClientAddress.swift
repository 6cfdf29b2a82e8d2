import NIOCore

/// The unit by which connections are counted: an IPv4 address, or a /64 of IPv6, all of whose addresses belong to one
/// subscriber.
struct ClientAddress: Hashable, Sendable {
    private let network: UInt64
    private let isVersion6: Bool

    /// - Parameter address: the address. All clients without an internet address are counted together.
    init(_ address: SocketAddress?) {
        // These are sin_addr and sin6_addr, in network byte order.
        let bytes: [UInt8] =
            switch address {
            case .v4(let address): withUnsafeBytes(of: address.address) { Array($0[4..<8]) }
            case .v6(let address): withUnsafeBytes(of: address.address) { Array($0[8..<24]) }
            case .unixDomainSocket, nil: []
            }
        func number(_ part: ArraySlice<UInt8>) -> UInt64 { part.reduce(0) { $0 << 8 | UInt64($1) } }
        // IPv4 clients appear as ::ffff:1.2.3.4 on a socket of both versions.
        let isMapped = bytes.count == 16 && number(bytes.prefix(8)) == 0 && number(bytes[8..<12]) == 0xFFFF
        isVersion6 = bytes.count == 16 && !isMapped
        network = number(isVersion6 ? bytes.prefix(8) : bytes.suffix(4))
    }
}
