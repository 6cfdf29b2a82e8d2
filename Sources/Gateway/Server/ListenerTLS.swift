import NIOSSL
import Synchronization

/// The certificates of listeners, which may be replaced while they listen. Connections that are open keep theirs.
///
/// [any thread] A lock is taken for each connection, and for no request.
final class ListenerTLS: Sendable {
    /// The certificates cannot be replaced by those of another configuration.
    struct Refusal: Error, CustomStringConvertible {
        var description: String {
            "TLS of listeners is not switched on or off while the gateway runs; restart it for that"
        }
    }

    private let present: Mutex<NIOSSLContext?>

    /// - Parameter context: the certificates. It is nil where listeners speak plain HTTP.
    init(_ context: NIOSSLContext?) { present = Mutex(context) }

    /// The certificates for connections that begin now.
    var context: NIOSSLContext? { present.withLock { $0 } }

    /// Throws where the certificates of another configuration cannot take the place of the present ones.
    func check(_ context: NIOSSLContext?) throws(Refusal) {
        guard (context == nil) == (self.context == nil) else { throw Refusal() }
    }

    /// Puts other certificates in force for connections that begin from now on, unless `check` refuses them.
    func replace(with context: NIOSSLContext?) {
        guard context != nil, self.context != nil else { return }
        present.withLock { $0 = context }
    }
}
