import NIOCore
import NIOSSL
import Synchronization

/// The TLS side of the connections: certificates are verified against the system's authorities, names
/// are checked, TLS 1.2 is the least, and HTTP/1.1 is what is spoken.
///
/// The authorities are read when the first connection needs them, or by `load()` at start: it takes a
/// few milliseconds.
public final class UpstreamTLS: Sendable {
    private let trustRootsFile: String?
    private let loaded = Mutex<NIOSSLContext?>(nil)

    /// - Parameter trustRootsFile: a PEM file with the authorities to trust instead of the system's, as
    ///   SSL_CERT_FILE names it.
    public init(trustRootsFile: String? = nil) {
        self.trustRootsFile = trustRootsFile
    }

    /// Reads the trusted certificates, if that has not been done.
    public func load() throws(UpstreamError) {
        _ = try context()
    }

    func context() throws(UpstreamError) -> NIOSSLContext {
        do {
            return try loaded.withLock { loaded in
                if let loaded { return loaded }
                var configuration = TLSConfiguration.makeClientConfiguration()
                configuration.applicationProtocols = ["http/1.1"]
                configuration.minimumTLSVersion = .tlsv12
                // An abandoned answer is not waited for.
                configuration.shutdownTimeout = .seconds(1)
                if let trustRootsFile { configuration.trustRoots = .file(trustRootsFile) }
                let context = try NIOSSLContext(configuration: configuration)
                loaded = context
                return context
            }
        } catch {
            let source = trustRootsFile.map { "'\($0)'" } ?? "the system's trusted certificates"
            throw UpstreamError(.tlsFailed, "TLS cannot be used: reading \(source) failed", detail: "\(error)")
        }
    }
}
