import Glibc

/// An IPv4 or IPv6 address, as bytes.
struct IPAddress: Equatable, Sendable {
    let bytes: [UInt8]

    var isVersion6: Bool { bytes.count == 16 }

    init?(_ text: String) {
        var version4 = in_addr()
        var version6 = in6_addr()
        if inet_pton(AF_INET, text, &version4) == 1 {
            self.bytes = withUnsafeBytes(of: &version4) { Array($0) }
        } else if inet_pton(AF_INET6, text, &version6) == 1 {
            self.bytes = withUnsafeBytes(of: &version6) { Array($0) }
        } else {
            return nil
        }
    }

    /// Whether the first `length` bits are those of `network`.
    func isIn(_ network: IPAddress, prefixLength length: Int) -> Bool {
        guard bytes.count == network.bytes.count, length >= 0, length <= bytes.count * 8 else { return false }
        let whole = length / 8
        guard bytes.prefix(whole) == network.bytes.prefix(whole) else { return false }
        let rest = length % 8
        guard rest > 0 else { return true }
        return (bytes[whole] ^ network.bytes[whole]) >> UInt8(8 - rest) == 0
    }
}
