import Logging
import NIOCore
import NIOSSL
import NIOTLS

/// Logs why a client's TLS handshake fails, in plain words and in limited number. It leaves the pipeline once the
/// handshake is complete. A client that leaves before is not logged, since that is what probes of ports do.
///
/// How long a handshake may take is the connection's business: it ends with the time for the first request.
final class HandshakeLog: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let log: LimitedLog

    init(_ log: LimitedLog) { self.log = log }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? TLSUserEvent, case .handshakeCompleted = event {
            context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if error is NIOSSLError || error is BoringSSLError || error is NIOSSLExtraError {
            if let reason = Self.reason(for: "\(error)") {
                log.write(.notice, .handshake, about: reason, "a client's TLS handshake failed: \(reason)")
            }
        }
        context.fireErrorCaught(error)
    }

    /// What an error of NIOSSL or BoringSSL means. It is nil where it only means that the client has left.
    static func reason(for error: String) -> String? {
        for (marks, reason) in reasons where marks.contains(where: { error.contains($0) }) { return reason }
        return "it could not be completed"
    }

    private static let reasons: [(marks: [String], reason: String?)] = [
        (["EOF during", "uncleanShutdown"], nil),
        (["HTTP_REQUEST", "HTTPS_PROXY_REQUEST"], "the client speaks plain HTTP; its URL begins with https:// here"),
        (["WRONG_VERSION_NUMBER", "UNEXPECTED_MESSAGE", "UNEXPECTED_RECORD"], "the client does not speak TLS"),
        (
            ["UNSUPPORTED_PROTOCOL", "NO_SHARED_CIPHER", "VERSION_TOO_LOW"],
            "the client speaks no version of TLS from 1.2 on"
        ),
        (["PEER_DID_NOT_RETURN_A_CERTIFICATE"], "the client presents no certificate, which tls_client_ca requires"),
        (
            ["CERTIFICATE_VERIFY_FAILED", "unableToValidateCertificate"],
            "the client's certificate is of no authority in tls_client_ca, or has expired"
        ),
        (
            ["UNKNOWN_CA", "BAD_CERTIFICATE", "CERTIFICATE_UNKNOWN", "CERTIFICATE_EXPIRED"],
            "the client does not accept the gateway's certificate"
        ),
    ]
}
