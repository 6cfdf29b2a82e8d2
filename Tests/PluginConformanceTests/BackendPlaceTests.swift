import Testing

@testable import PluginConformance

@Suite("Where a backend is")
struct BackendPlaceTests {
    @Test("A URL goes to 'url', else to the only parameter for one, else to 'host' and 'port'")
    func targets() throws {
        let url = "redis://:secret@cache:6379/2"
        #expect(try BackendPlace(url, declared: ["host", "port", "url"]).parameters == ["url": url])
        #expect(try BackendPlace(url, declared: ["s3_endpoint_url", "x"]).parameters == ["s3_endpoint_url": url])
        #expect(try BackendPlace(url, declared: ["endpoint"]).parameters == ["endpoint": url])
        let parts = try BackendPlace(url, declared: ["host", "port"]).parameters
        #expect(parts == ["host": "cache", "port": "6379"])
    }

    @Test("A parameter that is named takes the URL")
    func named() throws {
        let place = try BackendPlace("b_url=http://h:1/?a=b", declared: ["a_url", "b_url"])
        #expect(place.parameters == ["b_url": "http://h:1/?a=b"])
    }

    @Test("Another place has the same scheme, user and path")
    func elsewhere() throws {
        let place = try BackendPlace("redis://u:p@cache:6379/2?x=1", declared: ["url"])
        #expect(place.parameters(host: "127.0.0.1", port: "9") == ["url": "redis://u:p@127.0.0.1:9/2?x=1"])
    }

    @Test(
        "What is no URL with a host and a port is refused, and so is one that no parameter takes",
        arguments: ["", "redis", "redis://", "redis://host", "redis://host:x", "redis://host:70000", "none=http://h:1"]
    )
    func malformed(text: String) {
        #expect(throws: (any Error).self) { try BackendPlace(text, declared: ["url"]) }
        #expect(throws: (any Error).self) { try BackendPlace("http://h:1", declared: ["a_url", "b_url"]) }
    }
}
