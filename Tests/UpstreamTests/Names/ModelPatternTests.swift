import Testing

@testable import Upstream

@Suite("A pattern of model names")
struct ModelPatternTests {
    @Test(
        "covers the names that its parts leave room for, and says what its stars stand for",
        arguments: [
            ("*", "anything", ["anything"]), ("*", "", [""]),
            ("openai/*", "openai/gpt-4o", ["gpt-4o"]), ("openai/*", "openai/", [""]), ("openai/*", "openai", nil),
            ("*-latest", "gpt-latest", ["gpt"]), ("*-latest", "gpt-latest-2", nil),
            ("a*a", "a", nil), ("a*a", "aa", [""]),
            ("x*y*z", "x1y2z", ["1", "2"]), ("x*y*z", "xyyyz", ["yy", ""]), ("x*y*z", "xz", nil),
            ("fo::*:static::*", "fo::hi:static::hello", ["hi", "hello"]),
            ("**", "ab", ["ab", ""]),
            ("caf\u{E9}*", "cafe\u{301}x", nil),
            ("*", "a\nb", nil), ("*", "a\u{7F}", nil),
        ] as [(String, String, [String]?)]
    )
    func matches(pattern: String, name: String, values: [String]?) throws {
        #expect(try #require(ModelPattern(pattern)).match(name) == values)
    }

    @Test("is none without a star, and covers no name that is longer than any model's")
    func limits() throws {
        #expect(ModelPattern("gpt-4o") == nil)
        let pattern = try #require(ModelPattern("*"))
        #expect(pattern.match(String(repeating: "a", count: 256)) != nil)
        #expect(pattern.match(String(repeating: "a", count: 257)) == nil)
    }

    @Test("fills the stars of another text in order, and keeps those for which it has no value")
    func filling() {
        #expect(ModelPattern.fill("a/*-*", with: ["x", "y*"]) == "a/x-y*")
        #expect(ModelPattern.fill("a/*-*", with: ["x"]) == "a/x-*")
        #expect(ModelPattern.fill("plain", with: ["x"]) == "plain")
    }
}
