/// `ssl_verify`: how the certificates of models' servers are verified.
public enum CertificateVerification: Sendable, Hashable {
    /// Against the authorities of the system, or of SSL_CERT_FILE.
    case standard
    /// Against the authorities in a file.
    case file(String)
    /// Not at all.
    case none
}
