import HTTPSyntax
import NIOSSL

/// The servers that a certificate is for, taken only from its subject alternative names (RFC 9525 section 2).
///
/// The TLS library checks names too, but it accepts the common name where there is no alternative one, and `*` for
/// every name of one label. This check follows the handshake, before the first byte of a request is sent.
struct CertificateNames {
    /// The names in lower case, without a period at the end.
    private var names: [[UInt8]] = []
    private var addresses: [[UInt8]] = []

    init(_ certificate: NIOSSLCertificate) {
        for name in certificate._subjectAlternativeNames() {
            switch name.nameType {
            case .dnsName: add(name: Array(name.contents))
            case .ipAddress: addresses.append(Array(name.contents))
            default: break
            }
        }
    }

    init(names: [String], addresses: [[UInt8]] = []) {
        for name in names { add(name: Array(name.utf8)) }
        self.addresses = addresses
    }

    private mutating func add(name: [UInt8]) {
        names.append(Self.canonical(name))
    }

    /// Whether the certificate names no server.
    var isEmpty: Bool { names.isEmpty && addresses.isEmpty }

    /// Whether the certificate is for a host. Addresses are compared by their bytes, and names in full, where a `*` may
    /// stand for the whole first label (RFC 9525 section 6.3).
    func include(host: String) -> Bool {
        if let address = IPAddress(host) { return addresses.contains(address.bytes) }
        let host = Self.canonical(Array(host.utf8))
        return names.contains { Self.matches($0, host) }
    }

    private static func matches(_ name: [UInt8], _ host: [UInt8]) -> Bool {
        let star = UInt8(ascii: "*")
        let period = UInt8(ascii: ".")
        guard name.first == star else { return !name.isEmpty && name == host }
        // The pattern without its `*`, such as `.example.com`.
        let rest = name.dropFirst()
        guard rest.first == period, rest.count > 1, let label = host.firstIndex(of: period), label > 0 else {
            return false
        }
        return host[label...].elementsEqual(rest)
    }

    private static func canonical(_ name: [UInt8]) -> [UInt8] {
        let name = name.map(FieldSyntax.lowered)
        return name.last == UInt8(ascii: ".") ? name.dropLast() : name
    }
}
