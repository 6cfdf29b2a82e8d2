import Foundation
import Testing

/// Which servers the gateway speaks to, and how it says who it is.
@Suite("ssl_verify", .timeLimit(.minutes(1)))
struct CertificateVerificationTests {
    @Test("is a file of authorities or none at all, for one model or for all, and otherwise a server is not spoken to")
    func verification() async throws {
        let authority = try await CertificateAuthority.make()
        let stranger = try await CertificateAuthority.make()
        let own = try await authority.certificate("server", names: "DNS:localhost,IP:127.0.0.1")
        let other = try await authority.certificate("other", names: "DNS:elsewhere.example")
        let servers = try await TLSModels.start([own, other])
        let ports = servers.ports
        func model(_ name: String, _ port: String, _ verify: String) -> String {
            let base = "api_base: \"https://127.0.0.1:\(port)/v1\""
            return "  - {model_name: \(name), litellm_params: {model: openai/m, \(base), api_key: k\(verify)}}\n"
        }
        let configuration =
            "model_list:\n" + model("all", ports[0], "") + model("system", ports[0], ", ssl_verify: true")
            + model("stranger", ports[0], ", ssl_verify: \(stranger.file)")
            + model("unchecked", ports[0], ", ssl_verify: false")
            + model("misnamed", ports[1], "") + model("misnamed unchecked", ports[1], ", ssl_verify: false")
            + "litellm_settings: {num_retries: 0, ssl_verify: \(authority.file)}\n"
        try await withGateway(configuration) { gateway, _ async throws in
            for name in ["all", "unchecked", "misnamed unchecked"] {
                let answer = try await gateway.chat("hi", model: name)
                #expect(answer.status == 200 && answer.content == "hello", "\(name): \(answer.text)")
            }
            for name in ["system", "stranger", "misnamed"] {
                let answer = try await gateway.chat("hi", model: name)
                #expect(answer.status == 502, "\(name): \(answer.text)")
                #expect(answer.json["error"]["code"].string == "upstream_tls_failed", "\(name): \(answer.text)")
            }
            let warnings = gateway.log.split(separator: "\n").filter { $0.contains("with 'ssl_verify: false' anybody") }
            #expect(warnings.count == 2, "\(gateway.log)")
        }
    }
}
