import Testing

@testable import Gateway

@Suite("Headers of clients that go to models")
struct ClientHeadersTests {
    @Test("are those that begin with x-, except the gateway's own and those of the way to it, and anthropic-beta")
    func names() {
        for name in ["x-team", "x-custom-header", "anthropic-beta", "x-"] { #expect(ClientHeaders.isForwarded(name)) }
        for name in [
            "x-stainless-lang", "x-litellm-tags", "x-forwarded-for", "x-real-ip", "x-api-key", "x-request-id", "cookie",
            "authorization", "anthropic-beta-x", "",
        ] { #expect(!ClientHeaders.isForwarded(name), "\(name)") }
    }

    @Test("are the same in any order, and no two lists of them are one to a key")
    func keys() {
        #expect(ClientHeaders.key(of: ["x-a:1", "x-b:2"]) == ClientHeaders.key(of: ["x-b:2", "x-a:1"]))
        #expect(ClientHeaders.key(of: ["x-a:1", "x-b:2"]) != ClientHeaders.key(of: ["x-a:1x-b:2"]))
        #expect(ClientHeaders.key(of: ["x-a:1"]) != ClientHeaders.key(of: ["x-a:2"]))
    }
}
