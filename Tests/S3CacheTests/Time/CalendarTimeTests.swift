import Testing

@testable import S3Cache

@Suite("A moment in UTC")
struct CalendarTimeTests {
    @Test(
        "is written as HTTP and AWS write it, and read back",
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT", "19700101T000000Z"),
            (1_440_938_160, "Sun, 30 Aug 2015 12:36:00 GMT", "20150830T123600Z"),
            (951_782_399, "Mon, 28 Feb 2000 23:59:59 GMT", "20000228T235959Z"),
            (951_868_799, "Tue, 29 Feb 2000 23:59:59 GMT", "20000229T235959Z"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT", "21000301T000000Z"),
            (1_795_413_402, "Mon, 23 Nov 2026 05:56:42 GMT", "20261123T055642Z"),
            (-1, "Wed, 31 Dec 1969 23:59:59 GMT", "19691231T235959Z"),
        ] as [(Int64, String, String)]
    )
    func forms(unix: Int64, http: String, basic: String) {
        let time = CalendarTime(unix: unix)
        #expect(time.httpDate == http)
        #expect(time.basicTime == basic)
        #expect(time.unix == unix)
        #expect(CalendarTime(httpDate: http)?.unix == unix)
    }

    @Test("of every day of four centuries comes back")
    func everyDay() {
        for day in stride(from: Int64(-100_000), to: 150_000, by: 1) {
            #expect(CalendarTime(unix: day * 86_400).unix == day * 86_400)
        }
    }

    @Test("is read from ISO 8601 with and without fractions")
    func iso() {
        #expect(CalendarTime(iso8601: "2015-08-30T12:36:00Z")?.unix == 1_440_938_160)
        #expect(CalendarTime(iso8601: "2015-08-30T12:36:00.123Z")?.unix == 1_440_938_160)
        #expect(CalendarTime(iso8601: "2015-08-30T12:36:00+00:00")?.unix == 1_440_938_160)
    }

    @Test(
        "that is none is refused",
        arguments: [
            "", "never", "-1", "0", "Sun, 30 Aug 2015", "Sun, 30 Foo 2015 12:36:00 GMT",
            "Sun, 30 Aug 2015 25:00:00 GMT",
        ]
    )
    func nonsense(text: String) {
        #expect(CalendarTime(httpDate: text) == nil)
        #expect(CalendarTime(iso8601: text) == nil)
    }

    @Test("never traps, however far away")
    func extremes() {
        for unix in [Int64.min, .max, -62_135_596_800, 253_402_300_799] { _ = CalendarTime(unix: unix).httpDate }
    }
}
