/// Which certificate a server needs, where it is spoken to over TLS.
public enum ServerTrust: Sendable, Hashable {
    /// One of the system's authorities, or of those in SSL_CERT_FILE, for the name of the server.
    case standard
    /// One of the authorities in a PEM file, for the name of the server.
    case authorities(file: String)
    /// Any certificate: neither it nor its names are checked.
    case anybody
}
