import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Describes errors of the layers below in one plain sentence, with what they report as its detail.
enum ConnectionFailure {
    /// Describes an error of a connection.
    ///
    /// - Parameter isHandshake: whether the connection was not ready yet.
    static func describe(_ error: any Error, route: UpstreamRoute, isHandshake: Bool) -> UpstreamError {
        switch error {
        case let error as UpstreamError:
            return error
        case NIOSSLError.uncleanShutdown where isHandshake:
            return connectFailed(error, route: route)
        case HTTPParserError.invalidEOFState, NIOSSLError.uncleanShutdown:
            return UpstreamError(.closedEarly, "\(route.name) closed the connection before its answer was whole")
        case let error as IOError where !isHandshake:
            return UpstreamError(
                .closedEarly,
                "the connection to \(route.name) broke before the answer was whole (\(words(error)))"
            )
        case is HTTPParserError, is NIOHTTPDecoderError, is ByteToMessageDecoderError:
            return UpstreamError(
                .protocolViolation,
                "\(route.name) did not answer in valid HTTP/1.1",
                detail: "\(error)"
            )
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
            return tlsFailed(error, route: route)
        default:
            return isHandshake
                ? connectFailed(error, route: route)
                : UpstreamError(.closedEarly, "the connection to \(route.name) broke", detail: "\(error)")
        }
    }

    /// Describes an error of a connection attempt, up to the end of the TLS handshake.
    static func connectFailed(_ error: any Error, route: UpstreamRoute) -> UpstreamError {
        let via = route.proxy.map { " through the proxy \($0.host):\($0.port)" } ?? ""
        let place = "cannot connect to \(route.name)\(via)"
        switch error {
        case let error as UpstreamError:
            return error
        case let error as NIOConnectionError:
            guard let cause = error.connectionErrors.first?.error else {
                return UpstreamError(.connectFailed, "\(place): the name \(error.host) has no address")
            }
            return connectFailed(cause, at: place)
        case ChannelError.connectTimeout:
            return UpstreamError(.timedOut(.connecting), "\(place): nothing answered in time")
        case NIOSSLError.uncleanShutdown:
            return UpstreamError(.connectFailed, "\(place): it closed the connection")
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
            return tlsFailed(error, route: route)
        default:
            return connectFailed(error, at: place)
        }
    }

    private static func connectFailed(_ error: any Error, at place: String) -> UpstreamError {
        guard let error = error as? IOError else {
            return UpstreamError(.connectFailed, "\(place): the attempt failed", detail: "\(error)")
        }
        return UpstreamError(.connectFailed, "\(place): \(words(error))")
    }

    private static func tlsFailed(_ error: any Error, route: UpstreamRoute) -> UpstreamError {
        let text = "\(error)"
        // A connection that ends within the handshake reveals nothing about TLS.
        if text.contains("EOF during") {
            return UpstreamError(
                .connectFailed,
                "cannot connect to \(route.name): it closed the connection during the TLS handshake",
                detail: text
            )
        }
        let reason = reasons.first { $0.marks.contains { text.contains($0) } }?.reason
        return UpstreamError(
            .tlsFailed,
            "TLS with \(route.name) failed: \(reason ?? "the handshake could not be completed")",
            detail: text
        )
    }

    /// The meanings of errors of BoringSSL and NIOSSL, in plain words.
    private static let reasons: [(marks: [String], reason: String)] = [
        (
            ["CERTIFICATE_VERIFY_FAILED", "ailedToValidateHostname", "unableToValidateCertificate"],
            "its certificate is not from a trusted authority, has expired, or is for another name; "
                + "SSL_CERT_FILE names the authorities to trust"
        ),
        (["erverHostnameImpossibleToMatch"], "no certificate can be for such a name"),
        (
            ["WRONG_VERSION_NUMBER", "HTTP_REQUEST", "HTTPS_PROXY_REQUEST", "UNEXPECTED_MESSAGE", "UNEXPECTED_RECORD"],
            "it does not answer as a TLS server does; where it speaks plain HTTP, api_base begins with http://"
        ),
        (
            ["UNSUPPORTED_PROTOCOL", "ALERT_PROTOCOL_VERSION", "WRONG_SSL_VERSION"],
            "it speaks no version of TLS from 1.2 on"
        ),
        (
            ["CERTIFICATE_REQUIRED", "ALERT_BAD_CERTIFICATE", "ALERT_UNKNOWN_CA"],
            "it wants a certificate of the gateway's, which has none"
        ),
        (["_ALERT_"], "it refused the handshake"),
    ]

    private static func words(_ error: IOError) -> String {
        strerror(error.errnoCode).map { String(cString: $0) } ?? "error \(error.errnoCode)"
    }
}
