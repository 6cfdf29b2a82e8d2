import Testing

@testable import Upstream

@Suite("The URL of a server")
struct UpstreamURLTests {
    @Test(
        "is parsed",
        arguments: [
            ("https://api.openai.com/v1", "api.openai.com", 443, "/v1", "", "api.openai.com"),
            ("HTTP://Example.ORG", "example.org", 80, "", "", "example.org"),
            ("http://127.0.0.1:8080/a/b//", "127.0.0.1", 8080, "/a/b", "", "127.0.0.1:8080"),
            ("https://[2001:DB8::1]:444?x=1&y", "2001:db8::1", 444, "", "x=1&y", "[2001:db8::1]:444"),
            ("https://h:443/?q", "h", 443, "", "q", "h"),
            ("http://my_host.local:65535/%20", "my_host.local", 65535, "/%20", "", "my_host.local:65535"),
        ]
    )
    func parts(text: String, host: String, port: Int, path: String, query: String, authority: String) throws {
        let url = try UpstreamURL(text)
        #expect(url.host == host)
        #expect(url.port == port)
        #expect(url.path == path)
        #expect(url.query == query)
        #expect(url.authority == authority)
    }

    @Test(
        "is refused with the reason",
        arguments: [
            ("api.openai.com/v1", URLProblem.noScheme), ("", .noScheme), ("https:/x", .noScheme),
            ("ftp://x", .unsupportedScheme), ("unix://x", .unsupportedScheme),
            ("https://", .noHost), ("https:///v1", .noHost), ("https://:80", .noHost),
            ("https://a b", .invalidCharacter), ("https://a\r\nx: y", .invalidCharacter),
            ("https://é", .invalidCharacter),
            ("https://a\\b", .invalidCharacter),
            ("https://user:pw@host/", .userInformation), ("https://h/#f", .fragment),
            ("https://h:0", .invalidPort), ("https://h:65536", .invalidPort), ("https://h:", .invalidPort),
            ("https://h:+80", .invalidPort), ("https://h:99999999999999999999", .invalidPort),
            ("https://[::1", .invalidHost), ("https://[127.0.0.1]", .invalidHost), ("https://[::1]80", .invalidHost),
            ("https://::1", .noHost), ("https://a..b", .invalidHost), ("https://a%2fb", .invalidHost),
        ]
    )
    func refused(text: String, problem: URLProblem) {
        #expect(throws: problem) { try UpstreamURL(text) }
    }
}
