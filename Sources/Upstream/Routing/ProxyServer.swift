/// A forward proxy.
public struct ProxyServer: Sendable, Hashable {
    let host: String
    let port: Int
    /// The value of `proxy-authorization`, from the user information of the proxy's URL (RFC 7617).
    let authorization: String?

    /// - Parameter text: `http://[user:password@]host[:port]`, or without the scheme.
    init(_ text: String) throws(URLProblem) {
        var rest = text[...]
        if let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") {
            guard text[..<colon].lowercased() == "http" else { throw .unsupportedScheme }
            rest = text[text.index(colon, offsetBy: 3)...]
        }
        if let end = rest.firstIndex(where: { $0 == "/" || $0 == "?" }) { rest = rest[..<end] }
        if let at = rest.lastIndex(of: "@") {
            let credentials = percentDecoded(rest[..<at])
            self.authorization = "Basic \(base64(credentials))"
            rest = rest[rest.index(after: at)...]
        } else {
            self.authorization = nil
        }
        let (host, port) = try UpstreamURL.hostAndPort(rest)
        self.host = host
        self.port = port ?? 80
    }
}

extension ProxyServer: CustomStringConvertible {
    /// Host and port, without the credentials.
    public var description: String { "\(host):\(port)" }
}

private func percentDecoded(_ text: Substring) -> [UInt8] {
    let bytes = Array(text.utf8)
    var decoded: [UInt8] = []
    var index = 0
    while index < bytes.count {
        if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
            let value = UInt8(String(decoding: bytes[index + 1...index + 2], as: UTF8.self), radix: 16)
        {
            decoded.append(value)
            index += 3
        } else {
            decoded.append(bytes[index])
            index += 1
        }
    }
    return decoded
}

/// RFC 4648 section 4.
func base64(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var output: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
        let group = bytes[start..<min(start + 3, bytes.count)]
        let padded = Array(group) + Array(repeating: 0, count: 3 - group.count)
        let bits = padded.reduce(0) { $0 << 8 | Int($1) }
        for position in 0..<4 {
            output.append(
                position <= group.count ? alphabet[bits >> (18 - 6 * position) & 63] : UInt8(ascii: "=")
            )
        }
    }
    return String(decoding: output, as: UTF8.self)
}
