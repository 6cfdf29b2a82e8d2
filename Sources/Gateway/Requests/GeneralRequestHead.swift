import Configuration
import HTTPSyntax
import NIOHTTP1
import Text

/// Reads the head of any HTTP/1.1 or HTTP/1.0 request (RFC 9112 sections 2 to 6), and refuses whatever two parties
/// could read in two ways.
///
/// It is stricter than the RFC in these points, each of which has been used to smuggle requests past intermediaries:
/// lines end only with CRLF, no line is folded, nothing precedes the request line, Transfer-Encoding is `chunked` or
/// absent, and Content-Length occurs once. `docs/decisions/0016` says how that differs from NIO's decoder.
struct GeneralRequestHead {
    private let bytes: UnsafeRawBufferPointer
    private let limits: RequestReader.Limits
    private let routes: RouteTable

    private let fields = RequestFields()
    private var hosts = 0
    private var lengths = 0
    private var codings = 0
    private var hasClose = false
    private var hasKeepAlive = false
    /// The endpoint whose server gets all fields of the client. It is nil for any other request.
    private var forwarding: PassThroughSettings?

    /// Reads a head from its bytes, which include the blank line.
    static func read(
        _ bytes: UnsafeRawBufferPointer,
        limits: RequestReader.Limits,
        _ routes: RouteTable
    ) throws(MalformedRequest) -> RequestHead {
        var head = GeneralRequestHead(bytes: bytes, limits: limits, routes)
        return try head.read()
    }

    private init(bytes: UnsafeRawBufferPointer, limits: RequestReader.Limits, _ routes: RouteTable) {
        self.bytes = bytes
        self.routes = routes
        self.limits = limits
    }

    private mutating func read() throws(MalformedRequest) -> RequestHead {
        var position = 0
        let (method, target, isHTTP10) = try requestLine(&position)
        let path = try path(of: target, for: method)
        let route = routes.route(method, path)
        if case .endpoint(let endpoint, _, _) = route, endpoint.forwardsHeaders { forwarding = endpoint }
        var count = 0
        while position < bytes.count, bytes[position] != Self.carriageReturn {
            count += 1
            guard count <= limits.fieldCount else { throw .headTooLarge }
            try field(&position)
        }
        // The reader found the blank line by its line feed.
        guard position + 2 == bytes.count, bytes[position + 1] == Self.lineFeed else {
            throw .field("a carriage return stands inside a line")
        }
        if hosts == 0, !isHTTP10 { throw .host("there is none") }
        if codings > 0 {
            guard !isHTTP10 else { throw .transferEncoding("HTTP/1.0 has none") }
            guard lengths == 0 else { throw .transferEncoding("Content-Length stands beside it") }
        }
        if isHTTP10 { fields.expectNoContinue() }
        return RequestHead(
            method: method,
            target: path,
            route: route,
            isHTTP10: isHTTP10,
            // A tunnel is refused, and what the client sends into it is not a request.
            keepsAlive: !hasClose && (!isHTTP10 || hasKeepAlive) && method != .CONNECT,
            isChunked: codings > 0,
            fields: fields,
            passesBodyAfter: PassedBody.beginning(route, fields)
        )
    }

    // MARK: The request line

    private func requestLine(
        _ position: inout Int
    ) throws(MalformedRequest) -> (HTTPMethod, target: Range<Int>, isHTTP10: Bool) {
        let method = span(from: position) { Token.contains($0) }
        guard !method.isEmpty, method.count <= 32 else { throw .requestLine("it does not begin with a method") }
        guard at(method.upperBound) == Self.space else { throw .requestLine("the method is not followed by a space") }
        let target = span(from: method.upperBound + 1) { $0 > 0x20 && $0 < 0x7F }
        guard !target.isEmpty else { throw .requestLine("the method is not followed by one space and a target") }
        guard target.count <= limits.fieldBytes else { throw .headTooLarge }
        guard at(target.upperBound) == Self.space else {
            throw .requestLine("the target has bytes that are not visible ASCII, or no version behind it")
        }
        let version = target.upperBound + 1
        guard version + 10 <= bytes.count, rest(version).agrees(with: "HTTP/"), at(version + 6) == UInt8(ascii: "."),
            isDigit(version + 5), isDigit(version + 7)
        else { throw .requestLine("the target is not followed by one space and HTTP/1.1") }
        guard at(version + 8) == Self.carriageReturn, at(version + 9) == Self.lineFeed else {
            throw .requestLine("something stands behind the version")
        }
        let isHTTP10 = rest(version).agrees(with: "HTTP/1.0")
        guard isHTTP10 || rest(version).agrees(with: "HTTP/1.1") else { throw .version }
        position = version + 10
        return (HTTPMethod(rawValue: bytes.text(method)), target, isHTTP10)
    }

    /// The path and query of a target in any of its forms (RFC 9112 section 3.2).
    private func path(of target: Range<Int>, for method: HTTPMethod) throws(MalformedRequest) -> String {
        if bytes[target.lowerBound] == UInt8(ascii: "/") { return bytes.text(target) }
        if method == .CONNECT {
            guard HostField.isValid(bytes, target) else { throw .requestLine("CONNECT needs a host and a port") }
            return bytes.text(target)
        }
        if method == .OPTIONS, target.count == 1, bytes[target.lowerBound] == UInt8(ascii: "*") { return "*" }
        guard let authority = authority(of: target) else {
            throw .requestLine("the target is neither a path nor an http:// or https:// URL")
        }
        guard HostField.isValid(bytes, authority) else { throw .requestLine("the URL's host is not valid") }
        let path = authority.upperBound..<target.upperBound
        if path.isEmpty { return "/" }
        return bytes[path.lowerBound] == UInt8(ascii: "/") ? bytes.text(path) : "/" + bytes.text(path)
    }

    /// The range of the host in a target in absolute form. It is nil for any other form.
    private func authority(of target: Range<Int>) -> Range<Int>? {
        for scheme: StaticString in ["http://", "https://"] {
            let end = target.lowerBound + scheme.utf8CodeUnitCount
            guard end <= target.upperBound, bytes.equalsIgnoringCase(target.lowerBound..<end, scheme) else { continue }
            let path = bytes[end..<target.upperBound].firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") }
            return end..<(path ?? target.upperBound)
        }
        return nil
    }

    // MARK: Fields

    private mutating func field(_ position: inout Int) throws(MalformedRequest) {
        let start = position
        let name = span(from: start) { Token.contains($0) }
        guard !name.isEmpty else { throw .field("a line does not begin with a name") }
        guard at(name.upperBound) == UInt8(ascii: ":") else { throw .field("a name is not followed by a colon") }
        let text = span(from: name.upperBound + 1) { $0 >= 0x20 && $0 != 0x7F || $0 == Self.tab }
        guard at(text.upperBound) == Self.carriageReturn, at(text.upperBound + 1) == Self.lineFeed else {
            throw .field("a value has control characters")
        }
        position = text.upperBound + 2
        guard position - start <= limits.fieldBytes else { throw .headTooLarge }
        try take(name, trimmed(text))
    }

    private mutating func take(_ name: Range<Int>, _ value: Range<Int>) throws(MalformedRequest) {
        func isNamed(_ lower: StaticString) -> Bool { bytes.equalsIgnoringCase(name, lower) }
        switch name.count {
        case 4 where isNamed("host"):
            hosts += 1
            guard hosts == 1 else { throw .host("there is more than one") }
            guard HostField.isValid(bytes, value) else { throw .host("its value is no host and port") }
        case 10 where isNamed("connection"): takeConnection(value)
        case 14 where isNamed("content-length"):
            lengths += 1
            guard lengths == 1, let length = length(value) else { throw .contentLength }
            fields.take(contentLength: length)
        case 17 where isNamed("transfer-encoding"):
            codings += 1
            guard codings == 1 else { throw .transferEncoding("there is more than one") }
            guard bytes.equalsIgnoringCase(value, "chunked") else { throw .transferEncoding("it says something else") }
        default:
            if let forwarding {
                fields.takeAny(bytes, name: name, value: value, withCredentials: !forwarding.requiresKey)
                return
            }
            fields.take(
                bytes,
                name: name,
                value: value,
                keyed: routes.keyedHeaders,
                forwardsClientHeaders: routes.forwardsClientHeaders
            )
        }
    }

    /// Reads options of the connection (RFC 9110 section 7.6.1). Unknown options are ignored.
    private mutating func takeConnection(_ value: Range<Int>) {
        var rest = value
        while !rest.isEmpty {
            let end = bytes[rest].firstIndex(of: UInt8(ascii: ",")) ?? rest.upperBound
            let option = trimmed(rest.lowerBound..<end)
            if bytes.equalsIgnoringCase(option, "close") { hasClose = true }
            if bytes.equalsIgnoringCase(option, "keep-alive") { hasKeepAlive = true }
            rest = min(end + 1, rest.upperBound)..<rest.upperBound
        }
    }

    /// Reads a length, which must have digits only. A number that an Int cannot hold becomes the largest Int.
    private func length(_ value: Range<Int>) -> Int? {
        guard !value.isEmpty else { return nil }
        var number = 0
        for byte in bytes[value] {
            let digit = byte &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            let (product, isTooLarge) = number.multipliedReportingOverflow(by: 10)
            let (sum, isTooLargeStill) = product.addingReportingOverflow(Int(digit))
            number = isTooLarge || isTooLargeStill ? .max : sum
        }
        return number
    }

    // MARK: Bytes

    private static let carriageReturn = UInt8(ascii: "\r")
    private static let lineFeed = UInt8(ascii: "\n")
    private static let space = UInt8(ascii: " ")
    private static let tab = UInt8(ascii: "\t")

    private func at(_ index: Int) -> UInt8? { index < bytes.count ? bytes[index] : nil }

    private func isDigit(_ index: Int) -> Bool { at(index).map { $0 &- UInt8(ascii: "0") < 10 } ?? false }

    private func rest(_ index: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[min(index, bytes.count)...])
    }

    /// The range of bytes from `start` on that satisfy the condition.
    @inline(__always)
    private func span(from start: Int, while isPart: (UInt8) -> Bool) -> Range<Int> {
        var end = min(start, bytes.count)
        let start = end
        while end < bytes.count, isPart(bytes[end]) { end += 1 }
        return start..<end
    }

    /// The range without surrounding spaces and tabs.
    private func trimmed(_ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, bytes[start] == Self.space || bytes[start] == Self.tab { start += 1 }
        while end > start, bytes[end - 1] == Self.space || bytes[end - 1] == Self.tab { end -= 1 }
        return start..<end
    }
}
