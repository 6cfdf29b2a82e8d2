import HTTPSyntax
import NIOHTTP1

extension UpstreamHead {
    /// Makes the end-to-end part of a head.
    init(_ head: HTTPResponseHead) {
        // The names that the Connection field lists, as bytes in lower case. A server may list as many as fit into its
        // head.
        var nominated: Set<[UInt8]> = []
        var contentLength: Int?
        for (name, value) in head.headers {
            if name.equalsIgnoringCase("connection") {
                for token in value.utf8.split(whereSeparator: Self.separatesTokens) {
                    nominated.insert(token.map(FieldSyntax.lowered))
                }
            } else if name.equalsIgnoringCase("content-length") {
                contentLength = Int(value)
            }
        }
        // Answers with these statuses have no body, whatever their fields say (RFC 9110 section 8.6).
        if head.status == .noContent || head.status == .notModified { contentLength = 0 }
        var fields = AnswerFields()
        for (name, value) in head.headers {
            guard FieldSyntax.isValue(value), !FieldSyntax.belongsToConnection(name),
                !Self.staysWithUpstream(name.utf8.count, name.equalsIgnoringCase),
                nominated.isEmpty || !nominated.contains(name.utf8.map(FieldSyntax.lowered))
            else { continue }
            fields.append(name, value)
        }
        self.init(status: Int(head.status.code), fields: fields, contentLength: contentLength)
    }

    private static func separatesTokens(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ",") || byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }

    /// Fields that are about the upstream's origin or software, which are not the gateway's, and those that the gateway
    /// sets itself: the date, what another gateway behind this one says of its models and its cache, and who may read
    /// answers in a browser.
    // Inlined, so that a name is compared where it was found.
    @inline(__always)
    static func staysWithUpstream(_ count: Int, _ isNamed: (StaticString) -> Bool) -> Bool {
        switch count {
        case 4: isNamed("date")
        case 6: isNamed("server")
        case 7: isNamed("alt-svc")
        case 10: isNamed("set-cookie")
        case 12: isNamed("x-powered-by")
        case 17: isNamed("x-litellm-call-id")
        case 18: isNamed("x-litellm-model-id")
        case 19: isNamed("x-litellm-cache-key")
        case 22: isNamed("access-control-max-age")
        case 23: isNamed("x-litellm-response-cost")
        case 24: isNamed("x-litellm-model-api-base")
        case 25: isNamed("strict-transport-security")
        case 27: isNamed("access-control-allow-origin")
        case 28: isNamed("access-control-allow-methods") || isNamed("access-control-allow-headers")
        case 29: isNamed("access-control-expose-headers")
        case 32: isNamed("access-control-allow-credentials")
        default: false
        }
    }
}
