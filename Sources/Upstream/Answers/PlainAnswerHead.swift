import HTTPSyntax
import NIOCore
import Text

/// Reads heads of answers that are written as most servers write them: HTTP/1.1, plain field lines, a body with a
/// length or in chunks, and a connection that stays open.
///
/// Whatever it accepts is read as the general decoder would read it. Everything unusual is left to that decoder.
enum PlainAnswerHead {
    /// How the end of a body is found.
    enum Framing: Equatable {
        case length(Int)
        case chunked
    }

    enum Outcome {
        /// The head was read, and has this many bytes.
        case head(UpstreamHead, Framing, length: Int)
        case incomplete
        case unusual
    }

    /// A head with more bytes or fields than these is unusual.
    static let longest = 8 * 1024
    private static let mostFields = 64
    /// A status line is unusual if it is not complete after this many bytes.
    private static let longestStatusLine = 64
    /// The beginning of a status line.
    private static let version: StaticString = "HTTP/1.1 "

    static func read(_ bytes: UnsafeRawBufferPointer) -> Outcome {
        guard let (status, fieldsStart) = readStatus(bytes) else {
            return bytes.count < longestStatusLine && bytes.agrees(with: version) && !bytes.contains(UInt8(ascii: "\n"))
                ? .incomplete : .unusual
        }
        // Answers with these statuses have no body, whatever their fields say, and 1xx is followed by another head.
        guard (200..<600).contains(status), status != 204, status != 304 else { return .unusual }
        var walk = FieldLines(bytes, from: fieldsStart)
        var framing: Framing?
        var fields = AnswerFields()
        var count = 0
        while true {
            switch walk.next() {
            case .field(let name, let value):
                count += 1
                guard count <= mostFields else { return .unusual }
                switch bytes.meaning(ofField: name, value, hasFraming: framing != nil) {
                case .passedOn: fields.append(bytes, name: name, value: value)
                case .ofConnection: break
                case .framing(let said): framing = said
                case .unusual: return .unusual
                }
            case .end:
                guard let framing, walk.position <= longest else { return .unusual }
                let length: Int? = if case .length(let count) = framing { count } else { nil }
                let head = UpstreamHead(status: status, fields: fields, contentLength: length)
                return .head(head, framing, length: walk.position)
            case .incomplete: return bytes.count < longest ? .incomplete : .unusual
            case .unusual: return .unusual
            }
        }
    }

    /// The status, and the offset of the next line. It is nil where the line is not complete, or unusual.
    private static func readStatus(_ bytes: UnsafeRawBufferPointer) -> (Int, Int)? {
        let start = version.utf8CodeUnitCount
        guard bytes.count >= start + 6, bytes.agrees(with: version) else { return nil }
        var status = 0
        for index in start..<start + 3 {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            status = status * 10 + Int(digit)
        }
        var end = start + 3
        guard bytes[end] == UInt8(ascii: " ") else { return nil }
        while end < bytes.count, bytes[end] &- 0x20 < 0x5F { end += 1 }
        guard end + 1 < bytes.count, bytes[end] == UInt8(ascii: "\r"), bytes[end + 1] == UInt8(ascii: "\n") else {
            return nil
        }
        return (status, end + 2)
    }
}

private enum FieldMeaning {
    case passedOn
    case ofConnection
    case framing(PlainAnswerHead.Framing)
    case unusual
}

extension UnsafeRawBufferPointer {
    fileprivate func meaning(ofField name: Range<Int>, _ value: Range<Int>, hasFraming: Bool) -> FieldMeaning {
        switch name.count {
        case 7 where equalsIgnoringCase(name, "upgrade"): return .unusual
        case 10 where equalsIgnoringCase(name, "connection"):
            return equalsIgnoringCase(value, "keep-alive") ? .ofConnection : .unusual
        case 14 where equalsIgnoringCase(name, "content-length"):
            guard !hasFraming, let count = length(value) else { return .unusual }
            return .framing(.length(count))
        case 16 where equalsIgnoringCase(name, "proxy-connection"): return .unusual
        case 17 where equalsIgnoringCase(name, "transfer-encoding"):
            return !hasFraming && equalsIgnoringCase(value, "chunked") ? .framing(.chunked) : .unusual
        default:
            let stays =
                FieldSyntax.belongsToConnection(name.count) { equalsIgnoringCase(name, $0) }
                || UpstreamHead.staysWithUpstream(name.count) { equalsIgnoringCase(name, $0) }
            return stays ? .ofConnection : .passedOn
        }
    }
}
