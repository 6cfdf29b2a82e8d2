import NIOHTTP1
import Spelling

extension UpstreamHead {
    /// The end-to-end part of a head as it came.
    init(_ head: HTTPResponseHead) {
        var nominated: [Substring] = []
        var contentLength: Int?
        for (name, value) in head.headers {
            if name.equalsIgnoringCase("connection" as StaticString) {
                nominated += value.split { $0 == "," || $0 == " " || $0 == "\t" }
            } else if name.equalsIgnoringCase("content-length" as StaticString) {
                contentLength = Int(value)
            }
        }
        // Such answers have no body, whatever they say (RFC 9110 section 8.6).
        if head.status == .noContent || head.status == .notModified { contentLength = 0 }
        var fields: [(name: String, value: String)] = []
        fields.reserveCapacity(head.headers.count)
        for (name, value) in head.headers {
            guard FieldSyntax.isValue(value), !FieldSyntax.belongsToConnection(name), !Self.staysWithUpstream(name),
                nominated.isEmpty || !nominated.contains(where: { name.equalsIgnoringCase(String($0)) })
            else { continue }
            fields.append((name, value))
        }
        self.init(status: Int(head.status.code), headers: fields, contentLength: contentLength)
    }

    /// Fields that speak of the upstream's origin, which is not the gateway's.
    private static func staysWithUpstream(_ name: String) -> Bool {
        switch name.utf8.count {
        case 7: name.equalsIgnoringCase("alt-svc" as StaticString)
        case 10: name.equalsIgnoringCase("set-cookie" as StaticString)
        case 25: name.equalsIgnoringCase("strict-transport-security" as StaticString)
        default: false
        }
    }
}
