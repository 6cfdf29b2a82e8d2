import HTTPSyntax

/// Makes the ids of requests whose clients sent none: 64 bits each, unique within an event loop's life and unlikely to
/// equal another loop's. They identify a request in logs and grant nothing.
struct RequestIDs {
    private var last: UInt64 = .random(in: .min ... .max)

    mutating func next() -> RequestID {
        last &+= 0x9E37_79B9_7F4A_7C15
        return .own(last)
    }
}
