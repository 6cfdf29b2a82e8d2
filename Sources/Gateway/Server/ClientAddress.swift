import NIOCore

/// Whose connections are counted together: an IPv4 address, or a /64 of IPv6, of which one subscriber has all addresses.
struct ClientAddress: Hashable, Sendable {
    private let network: UInt64
    private let isVersion6: Bool

    /// - Parameter address: nil, and addresses that are none of the internet's, are counted together.
    init(_ address: SocketAddress?) {
        // sin_addr and sin6_addr, in the order of the network.
        let bytes: [UInt8] =
            switch address {
            case .v4(let address): withUnsafeBytes(of: address.address) { Array($0[4..<8]) }
            case .v6(let address): withUnsafeBytes(of: address.address) { Array($0[8..<24]) }
            case .unixDomainSocket, nil: []
            }
        func number(_ part: ArraySlice<UInt8>) -> UInt64 { part.reduce(0) { $0 << 8 | UInt64($1) } }
        // ::ffff:1.2.3.4, as IPv4 clients appear on a socket of both versions.
        let isMapped = bytes.count == 16 && number(bytes.prefix(8)) == 0 && number(bytes[8..<12]) == 0xFFFF
        isVersion6 = bytes.count == 16 && !isMapped
        network = number(isVersion6 ? bytes.prefix(8) : bytes.suffix(4))
    }
}
