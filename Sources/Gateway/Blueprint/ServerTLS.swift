import Configuration
import Glibc
import NIOCore
import NIOSSL

/// TLS of listeners, made of the files that a configuration names: TLS 1.2 or later, and HTTP/1.1
/// (docs/decisions/0046-listeners-speak-http-1-1.md).
enum ServerTLS {
    /// No file of certificates or keys is larger, in bytes.
    private static let longestFile = 1 << 20

    /// Why a file cannot be used, as the end of a sentence.
    private struct Unusable: Error {
        let file: TLSSettings.File
        let reason: String
    }

    /// Reads the files. It is nil where there are none, and where one cannot be used, which is reported.
    static func make(_ settings: TLSSettings?, diagnostics: inout [Diagnostic]) -> NIOSSLContext? {
        guard let settings else { return nil }
        do throws(Unusable) {
            let certificates = try certificates(settings.certificate)
            if let first = certificates.first, let warning = validity(of: first, settings.certificate) {
                diagnostics.append(warning)
            }
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: certificates.map { .certificate($0) },
                privateKey: .privateKey(try key(settings.key))
            )
            configuration.minimumTLSVersion = .tlsv12
            configuration.applicationProtocols = ["http/1.1"]
            // The end of a connection waits no longer for the client's.
            configuration.shutdownTimeout = .seconds(1)
            if let authorities = settings.clientAuthorities {
                configuration.trustRoots = .certificates(try Self.certificates(authorities))
                configuration.certificateVerification =
                    settings.requiresClientCertificate ? .noHostnameVerification : .optionalVerification
                configuration.sendCANameList = true
            }
            return try context(configuration, settings)
        } catch {
            diagnostics.append(
                Diagnostic(.error, at: error.file.position, "'\(error.file.path)' \(error.reason)")
            )
            return nil
        }
    }

    private static func context(
        _ configuration: TLSConfiguration,
        _ settings: TLSSettings
    ) throws(Unusable) -> NIOSSLContext {
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            let certificate = settings.certificate.path
            throw Unusable(file: settings.key, reason: "is not the key of the certificate in '\(certificate)'")
        }
    }

    private static func certificates(_ file: TLSSettings.File) throws(Unusable) -> [NIOSSLCertificate] {
        let bytes = try read(file)
        do {
            let certificates = try NIOSSLCertificate.fromPEMBytes(bytes)
            guard certificates.isEmpty else { return certificates }
        } catch {}
        throw Unusable(
            file: file,
            reason: "has no certificate in PEM (-----BEGIN CERTIFICATE-----), or one that is damaged"
        )
    }

    private static func key(_ file: TLSSettings.File) throws(Unusable) -> NIOSSLPrivateKey {
        let bytes = try read(file)
        do {
            return try NIOSSLPrivateKey(bytes: bytes, format: .pem)
        } catch {
            throw Unusable(
                file: file,
                reason:
                    "has no private key in PEM (-----BEGIN PRIVATE KEY-----), or one that is damaged or has a password"
            )
        }
    }

    /// A warning where the certificate is not valid now. Clients refuse it, but their clocks may differ.
    private static func validity(of certificate: NIOSSLCertificate, _ file: TLSSettings.File) -> Diagnostic? {
        let now = time(nil)
        let problem =
            certificate.notValidAfter < now
            ? "has expired" : certificate.notValidBefore > now ? "is not valid yet" : nil
        return problem.map {
            Diagnostic(.warning, at: file.position, "the certificate in '\(file.path)' \($0)")
        }
    }

    private static func read(_ file: TLSSettings.File) throws(Unusable) -> [UInt8] {
        let descriptor = open(file.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw unreadable(file) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var room = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor, &room, room.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw unreadable(file) }
            guard count > 0 else { return bytes }
            bytes += room.prefix(count)
            guard bytes.count <= longestFile else {
                throw Unusable(file: file, reason: "is larger than 1 MB, which no such file is")
            }
        }
    }

    private static func unreadable(_ file: TLSSettings.File) -> Unusable {
        Unusable(file: file, reason: "cannot be read: \(String(cString: strerror(errno)).lowercased())")
    }
}
