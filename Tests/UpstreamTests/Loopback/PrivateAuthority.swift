import Foundation
import NIOSSL

/// A certificate authority made for a test, and servers with its certificates.
struct PrivateAuthority {
    private let folder: URL

    /// The authority's certificate, in PEM.
    var certificateFile: String { folder.appendingPathComponent("ca.pem").path }

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("authority-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try openssl(
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=Test Authority",
            "-keyout",
            "ca.key",
            "-out",
            "ca.pem"
        )
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }

    /// - Parameters:
    ///   - names: names such as `DNS:localhost` and `IP:127.0.0.1`. If it is nil, there is no subject alternative name.
    ///   - commonName: the common name of the subject.
    func server(names: String?, commonName: String = "server") throws -> TLSConfiguration {
        let extensions = names.map { "subjectAltName=\($0)\n" } ?? "keyUsage=digitalSignature\n"
        try Data(extensions.utf8).write(to: folder.appendingPathComponent("names"))
        try openssl(
            "req",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-subj",
            "/CN=\(commonName)",
            "-keyout",
            "server.key",
            "-out",
            "server.csr"
        )
        try openssl(
            "x509",
            "-req",
            "-in",
            "server.csr",
            "-CA",
            "ca.pem",
            "-CAkey",
            "ca.key",
            "-CAcreateserial",
            "-days",
            "1",
            "-extfile",
            "names",
            "-out",
            "server.pem"
        )
        let path = { folder.appendingPathComponent($0).path }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(path("server.pem")).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: path("server.key"), format: .pem))
        )
        configuration.applicationProtocols = ["h2", "http/1.1"]
        return configuration
    }

    private func openssl(_ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Unexpected("openssl \(arguments) failed") }
    }
}
