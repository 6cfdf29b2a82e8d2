/// The files with which listeners speak TLS.
public struct TLSSettings: Sendable, Hashable {
    /// A file, and where the configuration names it.
    public struct File: Sendable, Hashable {
        /// The file, as the configuration names it.
        public let path: String
        /// The position of the value.
        public let position: SourcePosition

        /// Makes the file that is named at a position.
        public init(path: String, position: SourcePosition) {
            self.path = path
            self.position = position
        }
    }

    /// `tls_certificate`: the certificate, followed by those that lead to its authority.
    public var certificate: File
    /// `tls_key`: the private key of the certificate.
    public var key: File
    /// `tls_client_ca`: the authorities of clients' certificates. It is nil where clients are asked for none.
    public var clientAuthorities: File?
    /// `tls_client_certificates`: whether clients without a certificate are refused.
    public var requiresClientCertificate: Bool

    /// All of its files.
    public var paths: [String] { [certificate, key].map(\.path) + (clientAuthorities.map { [$0.path] } ?? []) }

    /// Makes settings of files that belong together.
    public init(
        certificate: File,
        key: File,
        clientAuthorities: File? = nil,
        requiresClientCertificate: Bool = true
    ) {
        self.certificate = certificate
        self.key = key
        self.clientAuthorities = clientAuthorities
        self.requiresClientCertificate = requiresClientCertificate
    }
}
