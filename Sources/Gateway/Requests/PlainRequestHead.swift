import HTTPSyntax
import Text

/// Reads the heads of requests in the form in which most clients write them: HTTP/1.1, a known target, one plain Host,
/// plain field lines, and a body with a stated length or none.
///
/// Nearly every request is read here: its target is compared rather than parsed, and Strings are made only of fields
/// that are forwarded. Whatever it accepts is read exactly as `GeneralRequestHead` and NIO's decoder read it, which
/// tests check by giving all of them the same bytes. Everything unusual is left to `GeneralRequestHead`.
enum PlainRequestHead {
    enum Outcome {
        /// The head, and its length in bytes.
        case head(RequestHead, length: Int)
        case incomplete
        case unusual
    }

    /// A head with more bytes or fields than these is unusual.
    static let longest = 8 * 1024
    private static let mostFields = 64

    static func read(_ bytes: UnsafeRawBufferPointer, _ routes: RouteTable) -> Outcome {
        guard let line = routes.line(of: bytes) else { return .unusual }
        guard bytes.count >= line.length else { return .incomplete }
        var walk = FieldLines(bytes, from: line.length)
        let fields = RequestFields()
        var count = 0
        var hasHost = false
        while true {
            switch walk.next() {
            case .field(let name, let value):
                count += 1
                if name.count == 4, isHost(bytes, name) {
                    guard !hasHost, HostField.isPlain(bytes, value) else { return .unusual }
                    hasHost = true
                    continue
                }
                if name.count == 14, bytes.equalsIgnoringCase(name, "content-length") {
                    guard fields.contentLength == nil, let length = bytes.length(value) else { return .unusual }
                    fields.take(contentLength: length)
                    continue
                }
                guard count <= mostFields, isUsual(bytes, name, value) else { return .unusual }
                fields.take(
                    bytes,
                    name: name,
                    value: value,
                    keyed: routes.keyedHeaders,
                    forwardsClientHeaders: routes.forwardsClientHeaders
                )
            case .end:
                guard hasHost, walk.position <= longest else { return .unusual }
                let head = RequestHead(
                    method: line.method,
                    target: line.target,
                    route: line.route,
                    isHTTP10: false,
                    keepsAlive: true,
                    isChunked: false,
                    fields: fields
                )
                return .head(head, length: walk.position)
            case .incomplete: return bytes.count < longest ? .incomplete : .unusual
            case .unusual: return .unusual
            }
        }
    }

    /// Whether four bytes are `host` in any case. No other byte becomes one of these letters.
    @inline(__always)
    private static func isHost(_ bytes: UnsafeRawBufferPointer, _ name: Range<Int>) -> Bool {
        let word = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: name.lowerBound, as: UInt32.self))
        return word | 0x2020_2020 == 0x7473_6F68
    }

    /// Other fields that concern the connection or the framing are unusual, except for values without effect.
    @inline(__always)
    private static func isUsual(
        _ bytes: UnsafeRawBufferPointer,
        _ name: Range<Int>,
        _ value: Range<Int>
    ) -> Bool {
        switch name.count {
        case 6: !bytes.equalsIgnoringCase(name, "expect")
        case 10:
            !bytes.equalsIgnoringCase(name, "connection") || bytes.equalsIgnoringCase(value, "keep-alive")
        case 17: !bytes.equalsIgnoringCase(name, "transfer-encoding")
        default: true
        }
    }
}
