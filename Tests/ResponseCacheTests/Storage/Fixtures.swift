import NIOCore

@testable import ResponseCache

/// A key that differs for every number.
func makeKey(_ number: Int = 0) throws -> CacheKey {
    let digest = try withUnsafeBytes(of: number) { try SHA256().digest($0) }
    return CacheKey(prefix: "gateway", digest: digest)
}

/// A moment so many milliseconds after a fixed one.
func moment(_ milliseconds: Int64 = 0) -> CacheInstant {
    CacheInstant(
        unixMilliseconds: UInt64(1_800_000_000_000 + milliseconds),
        monotonic: .uptimeNanoseconds(1_000_000_000_000) + .milliseconds(milliseconds)
    )
}

func parsed(_ text: String) throws -> JSONDocument {
    let document = JSONDocument()
    try document.parse(ByteBuffer(string: text))
    return document
}

/// Numbers that look random and are the same in every run.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
