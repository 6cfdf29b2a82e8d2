import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Turns what the layers below throw into one sentence.
enum ConnectionFailure {
    /// - Parameter isHandshake: whether the connection was not ready yet.
    static func describe(_ error: any Error, route: Route, isHandshake: Bool) -> UpstreamError {
        switch error {
        case let error as UpstreamError:
            return error
        case HTTPParserError.invalidEOFState, NIOSSLError.uncleanShutdown:
            return UpstreamError(.closedEarly, "\(route.name) closed the connection before its answer was whole")
        case let error as IOError where !isHandshake:
            return UpstreamError(
                .closedEarly,
                "the connection to \(route.name) broke before the answer was whole (\(reason(error)))"
            )
        case is HTTPParserError, is NIOHTTPDecoderError, is ByteToMessageDecoderError:
            return UpstreamError(.protocolViolation, "\(route.name) did not answer in valid HTTP/1.1 (\(error))")
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
            return tlsFailed(error, route: route)
        default:
            return isHandshake
                ? connectFailed(error, route: route)
                : UpstreamError(.closedEarly, "the connection to \(route.name) broke (\(type(of: error)))")
        }
    }

    /// For errors of the connection attempt itself.
    static func connectFailed(_ error: any Error, route: Route) -> UpstreamError {
        let via = route.proxy.map { " through the proxy \($0.host):\($0.port)" } ?? ""
        let place = "cannot connect to \(route.name)\(via)"
        switch error {
        case let error as UpstreamError:
            return error
        case let error as NIOConnectionError:
            if let cause = error.connectionErrors.first?.error {
                return UpstreamError(.connectFailed, "\(place): \(reason(cause))")
            }
            return UpstreamError(.connectFailed, "\(place): the name \(error.host) has no address")
        case ChannelError.connectTimeout:
            return UpstreamError(.timedOut(.connecting), "\(place): nothing answered in time")
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
            return tlsFailed(error, route: route)
        default:
            return UpstreamError(.connectFailed, "\(place): \(reason(error))")
        }
    }

    private static func tlsFailed(_ error: any Error, route: Route) -> UpstreamError {
        let text = "\(error)"
        let isCertificate = text.contains("CERTIFICATE_VERIFY_FAILED") || text.contains("failedToValidateHostname")
        let mend =
            isCertificate
            ? "its certificate is not from a trusted authority, has expired, or is for another name; "
                + "SSL_CERT_FILE names the authorities to trust"
            : text
        return UpstreamError(.tlsFailed, "TLS with \(route.name) failed: \(mend)")
    }

    private static func reason(_ error: any Error) -> String {
        if let error = error as? IOError, let text = strerror(error.errnoCode) { return String(cString: text) }
        return "\(error)"
    }
}
