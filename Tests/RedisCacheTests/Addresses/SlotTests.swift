import Testing

@testable import RedisCache

@Suite("The hash slots of a cluster")
struct SlotTests {
    @Test(
        "are those of the cluster specification, hash tags included",
        arguments: [
            ("123456789", 0x31C3 % 16384), ("", 0), ("foo", 12182), ("{user1000}.following", 3443),
            ("{user1000}.followers", 3443), ("foo{}{bar}", 8363), ("foo{{bar}}zap", 4015), ("foo{bar}{zap}", 5061),
            ("user1000", 3443), ("{bar", 4015),
        ]
    )
    func specification(key: String, slot: Int) {
        #expect(Array(key.utf8).withUnsafeBytes { Slot.of($0) } == slot)
    }
}
