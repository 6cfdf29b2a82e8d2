import Testing
import Text

@Suite("Quantities")
struct QuantityTests {
    @Test(
        "A duration is a number with a unit, seconds where it has none",
        arguments: [
            ("30", 30.0), ("250ms", 0.25), ("1.5s", 1.5), ("2m", 120), ("1h", 3_600), ("1 d", 86_400), ("10us", 1e-5),
            ("7ns", 7e-9), (" 5S\n", 5),
        ]
    )
    func durations(text: String, seconds: Double) throws {
        let read = try #require(Quantity.seconds(text))
        #expect(abs(read - seconds) <= seconds * 1e-12)
        #expect(Quantity.nanoseconds(text) == Int64((seconds * 1e9).rounded()))
    }

    @Test(
        "A size is a number with a unit, all of them powers of 1024",
        arguments: [
            ("1", 1), ("64KB", 65_536), ("64kib", 65_536), ("1.5k", 1_536), ("4 MB", 4 << 20), ("1GiB", 1 << 30),
            ("1TB", 1 << 40), ("12b", 12),
        ]
    )
    func sizes(text: String, bytes: Int64) {
        #expect(Quantity.bytes(text) == bytes)
    }

    @Test(
        "What is no number, is negative, or has another unit is no quantity",
        arguments: ["", "ms", "-1s", "1 week", "1e9", "nan", "0x10"]
    )
    func none(text: String) {
        #expect(Quantity.seconds(text) == nil && Quantity.nanoseconds(text) == nil && Quantity.bytes(text) == nil)
    }

    @Test("What does not fit is no quantity")
    func tooLarge() {
        #expect(Quantity.bytes("9999999999TB") == nil)
        #expect(Quantity.nanoseconds("99999999999d") == nil)
    }

    @Test("A quantity is written in the largest unit of which it is a whole number")
    func writing() {
        #expect(Quantity.duration(250_000_000) == "250ms" && Quantity.duration(90_000_000_000) == "90s")
        #expect(Quantity.size(65_536) == "64KB" && Quantity.size(1_000) == "1000 bytes")
    }
}
