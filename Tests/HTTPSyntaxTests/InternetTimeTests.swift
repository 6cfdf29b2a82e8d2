import HTTPSyntax
import Testing

@Suite("Times of RFC 3339")
struct InternetTimeTests {
    @Test(
        "are read with their offset and the milliseconds of their fraction",
        arguments: [
            ("1970-01-01T00:00:00Z", 0 as UInt64), ("2026-11-27T18:40:00Z", 1_795_804_800_000),
            ("2026-11-27t18:40:00z", 1_795_804_800_000), ("2026-11-27 19:40:00+01:00", 1_795_804_800_000),
            ("2026-11-27T13:10:00-05:30", 1_795_804_800_000), ("2026-11-27T18:40:00.5Z", 1_795_804_800_500),
            ("2026-11-27T18:40:00.1239999Z", 1_795_804_800_123), ("2028-02-29T00:00:00Z", 1_835_395_200_000),
        ]
    )
    func read(text: String, milliseconds: UInt64) {
        #expect(InternetTime.milliseconds(text.utf8) == milliseconds)
    }

    @Test(
        "are nothing else",
        arguments: [
            "", "now", "2026-11-27", "2026-11-27T18:40:00", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z",
            "2026-11-27T24:00:00Z", "2026-11-27T18:40:00.Z", "2026-11-27T18:40:00+1:00", "1969-12-31T23:59:59Z",
            "1970-01-01T00:00:00+01:00", "2026-11-27T18:40:00Zx", "２026-11-27T18:40:00Z",
            "2026-11-27T18:40:00.0000000000000000000000000000Z",
        ]
    )
    func refused(text: String) { #expect(InternetTime.milliseconds(text.utf8) == nil) }

    @Test("are written in UTC with milliseconds, and read back")
    func written() {
        #expect(InternetTime.format(milliseconds: 1_795_804_800_007) == "2026-11-27T18:40:00.007Z")
        #expect(
            InternetTime.milliseconds(InternetTime.format(milliseconds: 1_795_804_800_007).utf8) == 1_795_804_800_007
        )
    }
}
