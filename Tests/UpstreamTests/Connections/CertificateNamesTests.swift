import Testing

@testable import Upstream

@Suite("The names of a certificate")
struct CertificateNamesTests {
    @Test(
        "are a host's where they say it in full, or with a '*' for its whole first label",
        arguments: [
            ("api.example.com", "api.example.com"), ("API.example.COM.", "api.Example.com"),
            ("*.example.com", "api.example.com"), ("*.example.com.", "API.example.com."), ("localhost", "localhost"),
        ]
    )
    func included(name: String, host: String) {
        #expect(CertificateNames(names: ["other.example", name]).include(host: host))
    }

    @Test(
        "are not a host's otherwise",
        arguments: [
            ("*", "localhost"), ("*", "example.com"), ("*.", "localhost"), ("*.example.com", "example.com"),
            ("*.example.com", "a.b.example.com"), ("*.example.com", ".example.com"),
            ("a*.example.com", "api.example.com"),
            ("*i.example.com", "api.example.com"), ("*.*.com", "api.example.com"), ("", ""), ("", "localhost"),
            ("127.0.0.1", "127.0.0.1"), ("*.0.0.1", "127.0.0.1"), ("example.com", "api.example.com"),
        ]
    )
    func excluded(name: String, host: String) {
        #expect(!CertificateNames(names: [name]).include(host: host))
    }

    @Test("hold addresses as bytes")
    func addresses() {
        let names = CertificateNames(
            names: ["localhost"],
            addresses: [[127, 0, 0, 1], [UInt8](repeating: 0, count: 15) + [1]]
        )
        #expect(
            names.include(host: "127.0.0.1") && names.include(host: "::1") && names.include(host: "0:0:0:0:0:0:0:1")
        )
        #expect(!names.include(host: "127.0.0.2") && !names.include(host: "::2"))
        #expect(CertificateNames(names: []).isEmpty && !names.isEmpty)
    }
}
