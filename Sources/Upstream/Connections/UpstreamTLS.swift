import NIOCore
import NIOSSL
import Synchronization

/// The TLS settings of connections: certificates are verified against the trusted authorities and names are checked,
/// except where a deployment wants neither, and HTTP/1.1 is spoken over TLS 1.2 or later.
///
/// The authorities are read when the first connection needs them, or by `load()`, which takes a few milliseconds.
public final class UpstreamTLS: Sendable {
    private let trustRootsFile: String?
    private let loaded = Mutex<[ServerTrust: NIOSSLContext]>([:])

    /// - Parameter trustRootsFile: a PEM file with the authorities to trust instead of those of the system, as in
    ///   SSL_CERT_FILE.
    public init(trustRootsFile: String? = nil) {
        self.trustRootsFile = trustRootsFile
    }

    /// Reads the trusted certificates, if that has not been done.
    public func load() throws(UpstreamError) {
        _ = try context(for: .standard)
    }

    /// Whether both trust the authorities of the same file, or both those of the system.
    func trusts(as other: UpstreamTLS) -> Bool {
        self === other || trustRootsFile == other.trustRootsFile
    }

    func context(for trust: ServerTrust) throws(UpstreamError) -> NIOSSLContext {
        var file = trustRootsFile
        if case .authorities(let own) = trust { file = own }
        do {
            return try loaded.withLock { loaded in
                if let known = loaded[trust] { return known }
                var configuration = TLSConfiguration.makeClientConfiguration()
                configuration.applicationProtocols = ["http/1.1"]
                configuration.minimumTLSVersion = .tlsv12
                // The end of an abandoned answer is not awaited.
                configuration.shutdownTimeout = .seconds(1)
                if trust == .anybody {
                    configuration.certificateVerification = .none
                } else if let file {
                    configuration.trustRoots = .file(file)
                }
                let context = try NIOSSLContext(configuration: configuration)
                loaded[trust] = context
                return context
            }
        } catch {
            let source = file.map { "'\($0)'" } ?? "the system's trusted certificates"
            throw UpstreamError(.tlsFailed, "TLS cannot be used: reading \(source) failed", detail: "\(error)")
        }
    }
}
