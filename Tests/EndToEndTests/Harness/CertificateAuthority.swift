import Foundation

/// A certificate authority made for a test, with certificates for servers.
struct CertificateAuthority {
    private let directory: TemporaryDirectory

    /// The authority's certificate (PEM).
    var file: String { path("ca.pem") }

    static func make() async throws -> CertificateAuthority {
        let authority = CertificateAuthority(directory: try TemporaryDirectory())
        try await authority.openssl(
            ["req", "-x509"] + newKey + [
                "-days", "2", "-subj", "/CN=Test Authority", "-keyout", "ca.key", "-out", "ca.pem",
            ]
        )
        return authority
    }

    /// Makes a certificate.
    /// - Parameter names: names such as `DNS:localhost,IP:127.0.0.1`.
    /// - Returns: the files of the certificate and of its key.
    func certificate(_ name: String, names: String) async throws -> (certificate: String, key: String) {
        try directory.write("subjectAltName=\(names)\n", to: "names")
        try await openssl(
            ["req"] + Self.newKey + ["-subj", "/CN=\(name)", "-keyout", "\(name).key", "-out", "\(name).csr"]
        )
        try await openssl(
            ["x509", "-req", "-in", "\(name).csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"]
                + ["-days", "1", "-extfile", "names", "-out", "\(name).pem"]
        )
        return (path("\(name).pem"), path("\(name).key"))
    }

    private static let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]

    private func path(_ name: String) -> String { directory.url.appending(path: name).path }

    private func openssl(_ arguments: [String]) async throws {
        let result = try await Command.run(Command.find("openssl"), arguments, directory: directory.url)
        guard result.status == 0 else { throw HarnessError("openssl failed: \(result.standardError)") }
    }
}
