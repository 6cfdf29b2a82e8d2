import Testing

@testable import Gateway

@Suite("Where to listen")
struct ListenAddressTests {
    @Test(
        "An address is read in each of its forms, and written as it was",
        arguments: [
            ("127.0.0.1:8000", ListenAddress(.internet(host: "127.0.0.1", port: 8000))),
            ("localhost:0", ListenAddress(.internet(host: "localhost", port: 0))),
            ("[::1]:65535", ListenAddress(.internet(host: "::1", port: 65_535))),
            ("http://127.0.0.1:1", ListenAddress(.internet(host: "127.0.0.1", port: 1), scheme: .http)),
            ("https://[::]:443", ListenAddress(.internet(host: "::", port: 443), scheme: .https)),
            ("unix:/run/gateway.sock", ListenAddress(.unix(path: "/run/gateway.sock", mode: 0o600))),
            ("fd://3", ListenAddress(.descriptor(3))), ("fd://web", ListenAddress(.named("web"))),
        ]
    )
    func forms(text: String, address: ListenAddress) throws {
        #expect(try ListenAddress(text) == address)
        #expect(address.description == text)
    }

    @Test("A Unix socket's permissions are read in octal, and may be wanted for any path")
    func modes() throws {
        #expect(try ListenAddress("unix:/a?mode=660") == ListenAddress(.unix(path: "/a", mode: 0o660)))
        #expect(try ListenAddress("unix:/a?b?mode=0777") == ListenAddress(.unix(path: "/a?b", mode: 0o777)))
        #expect(try ListenAddress("unix:/a?b") == ListenAddress(.unix(path: "/a?b", mode: 0o600)))
    }

    @Test(
        "What is no address is refused with the reason",
        arguments: [
            ("8000", "no port"), ("127.0.0.1", "no port"), ("", "no port"), (":8000", "0.0.0.0:8000"),
            ("127.0.0.1:", "'' is not a port"), ("127.0.0.1:65536", "'65536' is not a port"),
            ("127.0.0.1:-1", "'-1' is not a port"), ("127.0.0.1:+1", "'+1' is not a port"),
            ("::1:8000", "in brackets"), ("unix:run/a", "absolute"), ("unix:", "absolute"),
            ("unix:/a?mode=888", "'888' are no permissions"), ("unix:/a?mode=1777", "'1777' are no permissions"),
            ("unix:/" + String(repeating: "a", count: 200), "at most 95 bytes"), ("fd://", "names no socket"),
            ("fd://2", "'2' is no descriptor"), ("fd://3x", "'3x' is no descriptor"),
            ("http://8000", "no port"),
        ]
    )
    func misreadings(text: String, reason: String) {
        #expect {
            _ = try ListenAddress(text)
        } throws: {
            "\($0)".contains(reason)
        }
    }
}
