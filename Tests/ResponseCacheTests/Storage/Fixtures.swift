import NIOCore

@testable import ResponseCache

/// Makes a key that differs for every number.
func makeKey(_ number: Int = 0) throws -> CacheKey {
    let digest = try withUnsafeBytes(of: number) { try SHA256().digest($0) }
    return CacheKey(prefix: "gateway", digest: digest)
}

/// The moment `milliseconds` after a fixed one.
func moment(_ milliseconds: Int64 = 0) -> CacheInstant {
    CacheInstant(
        unixMilliseconds: UInt64(1_800_000_000_000 + milliseconds),
        monotonic: .uptimeNanoseconds(1_000_000_000_000) + .milliseconds(milliseconds)
    )
}
