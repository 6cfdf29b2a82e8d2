import NIOCore
import Testing

@testable import Upstream

@Suite("Proxies")
struct ProxySettingsTests {
    private func settings(_ environment: [String: String]) -> (settings: ProxySettings, problems: [String]) {
        ProxySettings.make { environment[$0] }
    }

    @Test("are chosen by the scheme of the URL; the lower-case variable wins")
    func scheme() throws {
        let settings = settings([
            "HTTP_PROXY": "http://a:1", "HTTPS_PROXY": "http://b:2", "https_proxy": "c:3", "NO_PROXY": "",
        ]).settings
        #expect(settings.proxy(for: try UpstreamURL("http://x"))?.host == "a")
        #expect(settings.proxy(for: try UpstreamURL("https://x"))?.host == "c")
        #expect(settings.proxy(for: try UpstreamURL("https://x"))?.port == 3)
        #expect(ProxySettings.none.proxy(for: try UpstreamURL("https://x")) == nil)
    }

    @Test(
        "are not used for what NO_PROXY names",
        arguments: [
            ("example.org", "http://example.org", true), ("example.org", "http://a.example.org", true),
            ("example.org", "http://anexample.org", false), (".example.org", "http://a.example.org", true),
            (".example.org", "http://example.org", false), ("*.example.org", "http://a.example.org", true),
            ("EXAMPLE.org", "http://example.ORG", true),
            ("x, example.org ,y", "http://example.org", true), ("*", "http://anything", true),
            ("example.org:8080", "http://example.org:8080", true), ("example.org:8080", "http://example.org", false),
            ("10.0.0.0/8", "http://10.1.2.3", true), ("10.0.0.0/8", "http://11.1.2.3", false),
            ("10.0.0.0/9", "http://10.128.0.1", false), ("127.0.0.1", "http://127.0.0.1:5", true),
            ("127.0.0.1:6", "http://127.0.0.1:5", false), ("::1", "http://[::1]:5", true),
            ("[::1]:5", "http://[::1]:5", true), ("fd00::/8", "http://[fd12::1]", true),
            ("10.0.0.0/33", "http://10.0.0.1", false),
        ]
    )
    func exceptions(list: String, url: String, isDirect: Bool) throws {
        let settings = settings(["http_proxy": "p:1", "no_proxy": list]).settings
        #expect((settings.proxy(for: try UpstreamURL(url)) == nil) == isDirect)
    }

    @Test(
        "that cannot be used are named, without their password",
        arguments: [
            "https://ann:hunter2@p:1", "socks5://ann:hunter2@p:1", "http://ann:hunter2@:1", "http://ann:hunter2@p:x",
        ]
    )
    func problems(proxy: String) {
        let (settings, problems) = settings(["HTTPS_PROXY": proxy])
        #expect(settings.https == nil)
        #expect(problems.count == 1)
        #expect(problems.allSatisfy { $0.hasPrefix("HTTPS_PROXY") && !$0.contains("hunter2") })
    }

    @Test(
        "get their credentials encoded",
        arguments: [
            ("http://u:p@h", "Basic dTpw"), ("http://u@h", "Basic dQ=="), ("http://us:p%40@h", "Basic dXM6cEA="),
        ]
    )
    func credentials(proxy: String, authorization: String) throws {
        #expect(try ProxyServer(proxy).authorization == authorization)
    }

    @Test("have opened the tunnel once their answer is whole and fits")
    func tunnelAnswer() {
        func outcome(_ pieces: String...) -> TunnelAnswer.Outcome? {
            var answer = TunnelAnswer()
            return pieces.map {
                var bytes = ByteBuffer(string: $0)
                return answer.take(&bytes)
            }.last
        }
        #expect(outcome("HTTP/1.1 200 OK\r\n") == .more)
        #expect(outcome("HTTP/1.0 200 OK\r", "\nvia: x\r\n\r", "\n") == .opened)
        #expect(outcome("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 Fine\r\n\r\n") == .opened)
        for bad in ["HTTP/1.1 407 X\r\n\r\n", "HTTP/1.1 2000 X\r\n\r\n", "x\r\n\r\n", "HTTP/1.1 200 X\r\n\r\nmore"] {
            guard case .refused = outcome(bad) else {
                Issue.record("\(bad) was taken")
                continue
            }
        }
        #expect(outcome(String(repeating: "x", count: 20_000)) == .refused("its answer is too long"))
    }
}
