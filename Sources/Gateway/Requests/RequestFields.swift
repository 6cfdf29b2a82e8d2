import Dialects
import HTTPSyntax
import Text

/// The header fields of a request that the gateway uses, found in one pass.
///
/// It is a class because it is handed from one owner to the next. It is Sendable although it is filled in after its
/// initialiser, because only its reader does that, before any other owner has it.
final class RequestFields: @unchecked Sendable {
    /// The value of Authorization.
    private(set) var authorization: [UInt8]?
    /// The keys in other fields than Authorization, at most one of each field.
    private(set) var keys: [ClientKey] = []
    /// The values of Cache-Control, in order.
    private(set) var cacheControl: [String] = []
    /// The value of Pragma, with several lines joined.
    private(set) var pragma: String?
    /// The client's id for its request. The first one counts.
    private(set) var requestID: String?
    /// The fields that are forwarded upstream: see `isForwarded`.
    private(set) var forwarded = ForwardedFields()
    /// The values of the headers that change the answer, each with its position among them. They are forwarded too.
    private var keyed: [(position: Int, value: String, isSet: Bool)] = []
    /// The `x-` headers that go to models, each as `name:value`. They may change the answer.
    private var clientHeaders: [String] = []
    /// The body's length, if the request states it. It is `Int.max` where the stated length is larger.
    private(set) var contentLength: Int?
    /// The codings of the body other than identity, with several lines joined. It is nil once the body was decoded.
    private(set) var contentEncoding: String?
    /// The type of the body, where it is not JSON.
    private(set) var contentType: String?
    /// The value of Origin, which browsers send with requests of pages of other origins.
    private(set) var origin: [UInt8]?
    /// Whether the request has Access-Control-Request-Method, with which a browser asks whether it may send another
    /// request.
    private(set) var requestsMethod = false
    /// The value of Access-Control-Request-Headers, where it is a list of names.
    private(set) var requestedHeaders: String?
    /// Whether the client waits for `100 Continue` (RFC 9110 section 10.1.1).
    private(set) var expectsContinue = false

    /// Makes an empty set of fields.
    init() {}

    /// Adds a field of `bytes`.
    ///
    /// - Parameters:
    ///   - keyed: the headers that change the answer.
    ///   - forwardsClientHeaders: whether `x-` headers and `anthropic-beta` go to models too.
    func take(
        _ bytes: UnsafeRawBufferPointer,
        name: Range<Int>,
        value: Range<Int>,
        keyed headers: [KeyedHeader],
        forwardsClientHeaders: Bool = false
    ) {
        func isNamed(_ lower: StaticString) -> Bool { bytes.equalsIgnoringCase(name, lower) }
        switch name.count {
        case 6 where isNamed("expect"): expectsContinue = bytes.equalsIgnoringCase(value, "100-continue")
        case 6 where isNamed("origin"): origin = Array(bytes[value])
        case 6 where isNamed("pragma"):
            let text = bytes.text(value)
            pragma = pragma.map { $0 + "," + text } ?? text
        case 7 where isNamed("api-key"): take(ClientKey(field: .apiKey, bytes: Array(bytes[value])))
        case 9 where isNamed("x-api-key"): take(ClientKey(field: .xAPIKey, bytes: Array(bytes[value])))
        case 12 where isNamed("content-type"):
            if !Self.isJSON(bytes, value) { contentType = bytes.text(value) }
        case 12 where isNamed("x-request-id"): requestID = requestID ?? bytes.text(value)
        case 13 where isNamed("authorization"): authorization = Array(bytes[value])
        case 13 where isNamed("cache-control"): cacheControl.append(bytes.text(value))
        case 14 where isNamed("content-length"): contentLength = bytes.length(value)
        case 16 where isNamed("content-encoding"):
            if !bytes.equalsIgnoringCase(value, "identity") {
                let text = bytes.text(value)
                contentEncoding = contentEncoding.map { $0 + "," + text } ?? text
            }
        case 17 where isNamed("x-litellm-api-key"): take(ClientKey(field: .litellm, bytes: Array(bytes[value])))
        case 29 where isNamed("access-control-request-method"): requestsMethod = true
        case 30 where isNamed("access-control-request-headers"):
            if bytes[value].allSatisfy({ Token.contains($0) || ", \t".utf8.contains($0) }) {
                requestedHeaders = bytes.text(value)
            }
        default:
            if Self.isForwarded(name.count, isNamed) {
                forwarded.append(bytes, name: name, value: value)
            } else if let position = headers.firstIndex(where: { Self.isNamed(bytes, name, $0.bytes) }) {
                forwarded.append(bytes, name: name, value: value)
                keyed.append((position, bytes.text(value), headers[position].isSet))
            } else if forwardsClientHeaders {
                let lower = bytes.text(name).lowercased()
                guard ClientHeaders.isForwarded(lower) else { return }
                forwarded.append(bytes, name: name, value: value)
                clientHeaders.append("\(lower):\(bytes.text(value))")
            }
        }
    }

    /// Adds a field of a request whose fields are all forwarded, except those that the gateway writes itself.
    ///
    /// - Parameter withCredentials: whether the client's credentials are not for the gateway.
    func takeAny(_ bytes: UnsafeRawBufferPointer, name: Range<Int>, value: Range<Int>, withCredentials: Bool) {
        func isNamed(_ lower: StaticString) -> Bool { bytes.equalsIgnoringCase(name, lower) }
        let before = forwarded.lines.count
        take(bytes, name: name, value: value, keyed: [])
        let isCredential = FieldSyntax.isCredential(bytes.text(name))
        guard forwarded.lines.count == before, withCredentials || !isCredential,
            !FieldSyntax.belongsToConnection(name.count, isNamed), !isNamed("content-type"),
            !isNamed("content-encoding"),
            !isNamed("x-request-id")
        else { return }
        forwarded.append(bytes, name: name, value: value)
    }

    /// Whether a value is `application/json`, in two comparisons. A value has no bytes that become others of these.
    private static func isJSON(_ bytes: UnsafeRawBufferPointer, _ value: Range<Int>) -> Bool {
        guard value.count == 16, value.upperBound <= bytes.count else { return false }
        let first = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: value.lowerBound, as: UInt64.self))
        let second = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: value.lowerBound + 8, as: UInt64.self))
        let lower: UInt64 = 0x2020_2020_2020_2020
        // "applicat", "ion/json"
        return first | lower == 0x7461_6369_6C70_7061 && second | lower == 0x6E6F_736A_2F6E_6F69
    }

    private static func isNamed(_ bytes: UnsafeRawBufferPointer, _ name: Range<Int>, _ lower: [UInt8]) -> Bool {
        name.count == lower.count
            && zip(bytes[name], lower).allSatisfy { byte, lower in
                (byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte) == lower
            }
    }

    /// The values of the headers that change the answer, as part of the key. They are empty for nearly every request.
    ///
    /// The values of one header are joined by commas. Those of a header that is a set are sorted first. A line feed,
    /// which no value has, separates the headers.
    var keyedValues: [UInt8] {
        if keyed.isEmpty, clientHeaders.isEmpty { return [] }
        guard clientHeaders.isEmpty else { return keyedHeaders + ClientHeaders.key(of: clientHeaders) }
        return keyedHeaders
    }

    private var keyedHeaders: [UInt8] {
        guard let last = keyed.map(\.position).max() else { return [] }
        let lines = (0...last).map { position in
            let values = keyed.filter { $0.position == position }
            guard values.first?.isSet == true else { return values.map(\.value).joined(separator: ",") }
            return Self.sorted(values.map(\.value))
        }
        return Array(lines.joined(separator: "\n").utf8)
    }

    /// Returns the members of lists separated by commas, each once and in the order of their bytes.
    private static func sorted(_ lists: [String]) -> String {
        let members = lists.flatMap { list in
            list.utf8.split(separator: UInt8(ascii: ",")).map { member in
                let isSpace = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
                let start = member.drop(while: isSpace)
                return Array(start.reversed().drop(while: isSpace).reversed())
            }
        }
        var unique: [[UInt8]] = []
        for member in members.sorted(by: { $0.lexicographicallyPrecedes($1) }) where member != unique.last {
            if !member.isEmpty { unique.append(member) }
        }
        return String(decoding: Array(unique.joined(separator: Array(",".utf8))), as: UTF8.self)
    }

    /// The last key of each field counts.
    private func take(_ key: ClientKey) {
        keys.removeAll { $0.field == key.field }
        keys.append(key)
        if keys.count > 1 { keys.sort { $0.field.rawValue < $1.field.rawValue } }
    }

    /// Sets the body's length where the reader of the head has read it.
    func take(contentLength: Int) { self.contentLength = contentLength }

    /// Notes that the body was decoded.
    func bodyWasDecoded() { contentEncoding = nil }

    /// HTTP/1.0 has no interim answers (RFC 9110 section 15.2).
    func expectNoContinue() { expectsContinue = false }

    /// Whether a client's field is forwarded upstream. This is a short list of allowed fields, because a field that
    /// reaches a provider and is not in the cache key could change an answer that other clients are served.
    private static func isForwarded(_ count: Int, _ isNamed: (StaticString) -> Bool) -> Bool {
        switch count {
        case 10: isNamed("user-agent") || isNamed("tracestate")
        case 11: isNamed("traceparent")
        case 15: isNamed("idempotency-key")
        case 19: isNamed("x-client-request-id")
        default: false
        }
    }
}
