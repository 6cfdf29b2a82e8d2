import Testing

@testable import Gateway

@Suite("What is said of TLS handshakes that fail")
struct HandshakeLogTests {
    @Test(
        "The reason is in plain words",
        arguments: [
            (
                "handshakeFailed(NIOSSL.BoringSSLError.sslError([Error: 268435612 error:1000009c:SSL routines:HTTP_REQUEST]))",
                "plain HTTP"
            ),
            ("sslError([error:100000f7:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER])", "does not speak TLS"),
            (
                "sslError([error:100000f0:SSL routines:OPENSSL_internal:UNSUPPORTED_PROTOCOL])",
                "no version of TLS from 1.2"
            ),
            ("sslError([error:100000c0:SSL routines:PEER_DID_NOT_RETURN_A_CERTIFICATE])", "presents no certificate"),
            ("sslError([error:1000007d:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED])", "of no authority"),
            (
                "sslError([error:10000418:SSL routines:OPENSSL_internal:TLSV1_ALERT_UNKNOWN_CA])",
                "does not accept the gateway's"
            ),
            ("sslError([error:10000001:SSL routines:OPENSSL_internal:SOMETHING_ELSE])", "could not be completed"),
        ]
    )
    func reasons(error: String, words: String) {
        #expect(HandshakeLog.reason(for: error)?.contains(words) == true)
    }

    @Test("A client that leaves is not mentioned", arguments: ["uncleanShutdown", "EOF during handshake"])
    func leaving(error: String) {
        #expect(HandshakeLog.reason(for: error) == nil)
    }
}
