import Glibc

/// An IPv4 or IPv6 address, as bytes.
struct IPAddress: Equatable, Sendable {
    let bytes: [UInt8]

    var isVersion6: Bool { bytes.count == 16 }

    init?(_ text: String) {
        for (family, length) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: length)
            if inet_pton(family, text, &bytes) == 1 {
                self.bytes = bytes
                return
            }
        }
        return nil
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
