import COpenSSL
import COpenSSLTLS
import Glibc
import PluginKit

/// [I/O thread] A TLS session over a socket. It does not own the descriptor.
final class TLSTransport: Transport {
    private let session: OpaquePointer
    private let context: TLSContext
    private let server: RedisEndpoint

    /// Makes a session. It is nil if OpenSSL fails to make one.
    /// - Parameter server: the server, whose name the certificate must have.
    init?(_ context: TLSContext, descriptor: Int32, server: RedisEndpoint) {
        guard let session = SSL_new(context.raw) else { return nil }
        self.session = session
        self.context = context
        self.server = server
        SSL_set_connect_state(session)
        guard SSL_set_fd(session, descriptor) == 1 else { return nil }
        guard let name = server.hostName else { return }
        let isAddress = Self.isAddress(name)
        if !isAddress {
            // This is SSL_set_tlsext_host_name, which is a macro.
            _ = name.withCString { text in
                SSL_ctrl(
                    session,
                    SSL_CTRL_SET_TLSEXT_HOSTNAME,
                    Int(TLSEXT_NAMETYPE_host_name),
                    UnsafeMutableRawPointer(mutating: text)
                )
            }
        }
        if context.settings.verification != .none, context.settings.checksHostName {
            let isSet =
                isAddress ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), name) : SSL_set1_host(session, name)
            guard isSet == 1 else { return nil }
        }
    }

    deinit { SSL_free(session) }

    func prepare() -> TransportStep {
        ERR_clear_error()
        let result = SSL_do_handshake(session)
        if result == 1 { return .ready }
        let error = SSL_get_error(session, result)
        switch error {
        case SSL_ERROR_WANT_READ: return .waits(forWriting: false)
        case SSL_ERROR_WANT_WRITE: return .waits(forWriting: true)
        default: return .failed(BackendFailure(.unavailable, handshakeFailure(error)))
        }
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> TransportRead {
        ERR_clear_error()
        let count = SSL_read(session, buffer.baseAddress, Int32(clamping: buffer.count))
        if count > 0 { return .bytes(Int(count)) }
        switch SSL_get_error(session, count) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .nothing
        case SSL_ERROR_ZERO_RETURN: return .closed
        case SSL_ERROR_SYSCALL: return errno == 0 ? .closed : .failed(SystemError.text(errno))
        default: return .failed("TLS: \(OpenSSLError.text)")
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer) -> TransportWrite {
        guard !bytes.isEmpty else { return .sent(0) }
        ERR_clear_error()
        let count = SSL_write(session, bytes.baseAddress, Int32(clamping: bytes.count))
        if count > 0 { return .sent(Int(count)) }
        switch SSL_get_error(session, count) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .sent(0)
        case SSL_ERROR_SYSCALL: return .failed(SystemError.text(errno))
        default: return .failed("TLS: \(OpenSSLError.text)")
        }
    }

    private func handshakeFailure(_ error: Int32) -> String {
        let verdict = SSL_get_verify_result(session)
        if verdict != Int(X509_V_OK), context.settings.verification != .none {
            let reason = X509_verify_cert_error_string(verdict).map { String(cString: $0) } ?? "error \(verdict)"
            switch Int32(truncatingIfNeeded: verdict) {
            case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH:
                return "the server's certificate is not for this name (\(reason)); "
                    + "connect by the name that it bears, or set 'ssl_check_hostname: false'"
            case X509_V_ERR_CERT_HAS_EXPIRED: return "the server's certificate has expired"
            default: return "the server's certificate is not trusted (\(reason)); name its authority in 'ssl_ca_certs'"
            }
        }
        if error == SSL_ERROR_SYSCALL {
            return "the server closed the connection during the TLS handshake; does it speak TLS on this port?"
        }
        return "the TLS handshake failed: \(OpenSSLError.text)"
    }

    private static func isAddress(_ name: String) -> Bool {
        var room = in6_addr()
        return inet_pton(AF_INET, name, &room) == 1 || inet_pton(AF_INET6, name, &room) == 1
    }
}
