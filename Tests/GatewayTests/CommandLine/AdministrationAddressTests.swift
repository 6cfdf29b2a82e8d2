import Testing

@testable import Gateway

@Suite("The address of a running gateway")
struct AdministrationAddressTests {
    @Test(
        "is a host with a port, or a socket's path",
        arguments: [
            ("http://127.0.0.1:8000", AdministrationClient.Address.host("127.0.0.1", port: "8000")),
            ("http://gateway.local:80/", .host("gateway.local", port: "80")),
            ("http://[::1]:9", .host("::1", port: "9")),
            ("unix:/run/gateway.sock", .unix("/run/gateway.sock")),
        ]
    )
    func read(text: String, address: AdministrationClient.Address) {
        #expect(AdministrationClient.Address(text) == address)
    }

    @Test(
        "is nothing else",
        arguments: [
            "", "127.0.0.1:8000", "https://a:1", "http://a", "http://:1", "http://a:0", "http://a:70000",
            "http://::1:9", "unix:a",
        ]
    )
    func refused(text: String) {
        #expect(AdministrationClient.Address(text) == nil)
    }
}
