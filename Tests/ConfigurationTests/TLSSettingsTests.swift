import Configuration
import Testing

@Suite("TLS of listeners")
struct TLSSettingsTests {
    @Test("The files are read with their places, and clients' certificates are required where authorities are named")
    func files() throws {
        let outcome = try load(
            """
            model_list: []
            general_settings:
              tls_certificate: a.pem
              tls_key: b.pem
              tls_client_ca: c.pem
            """
        )
        let tls = try #require(outcome.settings.tls)
        #expect(tls.paths == ["a.pem", "b.pem", "c.pem"])
        #expect(tls.requiresClientCertificate)
        #expect(tls.certificate.position.line == 3 && tls.key.position.line == 4)
    }

    @Test(
        "What is incomplete, or no value, is an error with its place",
        arguments: [
            ("tls_certificate: a", "'tls_certificate' needs 'tls_key'"),
            ("tls_key: a", "'tls_key' needs 'tls_certificate'"),
            ("tls_client_ca: a", "'tls_client_ca' needs 'tls_certificate' and 'tls_key'"),
            ("{tls_certificate: a, tls_key: b, tls_client_certificates: optional}", "needs 'tls_client_ca'"),
            ("tls_certificate: ''", "'tls_certificate' in general_settings must not be empty"),
            (
                "{tls_certificate: a, tls_key: b, tls_client_ca: c, tls_client_certificates: maybe}",
                "must be 'required' or 'optional', not 'maybe'"
            ),
        ]
    )
    func errors(setting: String, message: String) throws {
        let text = "model_list: []\ngeneral_settings:\n  " + setting + "\n"
        let errors = try load(text).errors
        #expect(errors.contains { $0.hasPrefix("config.yaml:3:") && $0.contains(message) }, "\(errors)")
    }
}
