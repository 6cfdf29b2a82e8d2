/// Identifiers for the answers that the gateway makes itself: 64 bits, unique within a loop's life and unlikely to
/// meet another's. They name a request in logs and grant nothing.
struct RequestIDs {
    private var last: UInt64 = .random(in: .min ... .max)

    mutating func next() -> UInt64 {
        last &+= 0x9E37_79B9_7F4A_7C15
        return last
    }
}
