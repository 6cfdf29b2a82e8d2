import Testing
import Upstream

@Suite("Sets of names of models")
struct ModelNamesTests {
    @Test("hold what is named, and what a pattern covers, byte for byte")
    func contains() {
        let names = ModelNames(["gpt-4o", "claude-*", "*/mini", "e\u{301}"])
        for name in ["gpt-4o", "claude-", "claude-3", "a/b/mini", "e\u{301}"] { #expect(names.contains(name)) }
        for name in ["", "gpt-4", "gpt-4o ", "GPT-4o", "claude", "a/mini2", "\u{E9}"] { #expect(!names.contains(name)) }
        #expect(!ModelNames([]).contains("") && ModelNames(["*"]).contains("anything"))
    }
}
