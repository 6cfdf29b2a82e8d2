import HTTPSyntax
import Testing

@Suite("HTTP dates")
struct HTTPDateTests {
    @Test("The date of RFC 9110's example is written and read as the RFC has it")
    func example() {
        #expect(HTTPDate.format(784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(HTTPDate.parse("Sun, 06 Nov 1994 08:49:37 GMT") == 784_111_777)
    }

    @Test("Every date that is written is read as the same second", arguments: [0, 86_399, 951_782_400, 4_102_444_799])
    func roundTrip(second: Int) {
        #expect(HTTPDate.parse(HTTPDate.format(second)) == Int64(second))
    }

    @Test(
        "What is no IMF-fixdate is no date",
        arguments: [
            "", "tomorrow", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 PST",
            "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 06 Nob 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49 GMT",
            "Sun, 06 Nov 1994 25:61:37 GMT",
            "Sun, 06 Nov 99999 08:49:37 GMT",
        ]
    )
    func noDate(text: String) {
        #expect(HTTPDate.parse(text) == nil)
    }
}
