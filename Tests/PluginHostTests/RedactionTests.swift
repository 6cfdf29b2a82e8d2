import Testing

@testable import PluginHost

@Suite("Secrets in what a plugin says", .timeLimit(.minutes(1)))
struct RedactionTests {
    private static let password = "p@ss wörd/\"1'&%2B\\x"
    private static let url = "redis://user:p%40ss%20w%C3%B6rd%2F%221%27%26%252B%5Cx@h:6379/0"

    @Test(
        "secrets are removed in every spelling in which they can be repeated",
        arguments: [
            password, "p%40ss%20w%C3%B6rd%2F%221%27%26%252B%5Cx", "p%40ss%20w%c3%b6rd%2f%221%27%26%252B%5cx",
            "p%40ss+w%C3%B6rd%2F%221%27%26%252B%5Cx", #"p@ss w\xc3\xb6rd/\"1'&%2B\\x"#,
            #"p@ss w\u00f6rd\/\"1\u0027&%2B\\x"#,
            "p@ss wörd/&quot;1&apos;&amp;%2B\\x", "p&#64;ss w&#xF6;rd/&#34;1&#39;&#38;%2B\\x",
            "%70%40%73%73%20%77%C3%B6%72%64%2F%22%31%27%26%25%32%42%5C%78",
        ]
    )
    func spellings(text: String) {
        for secrets in [[Self.password], [Self.url]] {
            let clean = Redaction(secrets: secrets).clean(
                "ERR unknown command 'AUTH', with args beginning with: 'u' '\(text)' "
            )
            #expect(clean == "ERR unknown command 'AUTH', with args beginning with: 'u' '***' ", "\(secrets)")
        }
    }

    @Test("the parts of an address are secrets too: all of it, its user with the password, its query")
    func addresses() {
        let redaction = Redaction(secrets: [Self.url, "unix:///run/redis.sock?password=query-secret&db=1"])
        #expect(redaction.clean("cannot reach \(Self.url) today") == "cannot reach *** today")
        #expect(redaction.clean("no such user:\(Self.password).") == "no such ***.")
        #expect(redaction.clean("is it query-secret?") == "is it ***?")
        #expect(redaction.clean("no host h:6379, user 'user'") == "no host h:6379, user 'user'", "what is none stays")
    }

    @Test("a secret is found where something cut it off")
    func cutOff() {
        let redaction = Redaction(secrets: ["correct-horse-battery-staple"])
        #expect(
            redaction.clean("with args beginning with: 'correct-horse-batt' ") == "with args beginning with: '***' "
        )
        #expect(redaction.clean("the server says: correct-ho") == "the server says: ***")
        #expect(redaction.clean("correct-horse-batte…") == "***…")
        #expect(redaction.clean("a correct-horse is not it") == "a correct-horse is not it")
    }

    @Test(
        "a short secret blots out nothing but itself",
        arguments: [
            ("sesame", "open sesame, sesame! xsesame", "open ***, ***! xsesame"),
            ("redis", "redis does not answer as Redisson or predis", "*** does not answer as Redisson or predis"),
            (
                "no", "no, there is no node; wrong password 'no' of x://u:no@h",
                "no, there is no node; wrong password '***' of x://u:***@h"
            ),
            ("1", "1 of 11 nodes", "1 of 11 nodes"), ("", "nothing", "nothing"), ("   ", "a   b", "a   b"),
        ]
    )
    func short(secret: String, text: String, clean: String) {
        #expect(Redaction(secrets: [secret]).clean(text) == clean)
    }

    @Test("redaction takes time in proportion to the text, whatever stands in it")
    func linear() {
        let nested = String(repeating: "a", count: 4_000) + "b"
        let secrets = [nested] + (1..<200).map { String(repeating: "a", count: $0 + 8) + "c" }
        let redaction = Redaction(secrets: secrets)
        for piece in ["a", "%61", "\\x61", "&#97;", "%", "\\", "&"] {
            let text = String(repeating: piece, count: 8_192 / piece.utf8.count)
            for _ in 0..<2 { _ = redaction.clean(text) }
        }
        for piece in ["://", "password=", "\"password\":\"", "@", "x://@"] {
            let text = String(repeating: piece, count: 100_000 / piece.utf8.count)
            _ = SecretParts.hidden(in: text)
        }
    }
}
