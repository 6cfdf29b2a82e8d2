import NIOHTTP1

@testable import Gateway

extension RequestHead {
    /// Converts a head that NIO's decoder read.
    init(_ head: HTTPRequestHead) {
        let fields = RequestFields()
        for (name, untrimmed) in head.headers {
            // NIO does not remove the space after a value (RFC 9110 section 5.5).
            let value = String(untrimmed.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
            let line = Array(name.utf8) + Array(value.utf8)
            line.withUnsafeBytes {
                fields.take(
                    $0,
                    name: 0..<name.utf8.count,
                    value: name.utf8.count..<$0.count,
                    keyed: Served.routes.keyedHeaders
                )
            }
            if name.lowercased() == "content-length", let length = Int(value) { fields.take(contentLength: length) }
        }
        let isHTTP10 = head.version.minor == 0
        if isHTTP10 { fields.expectNoContinue() }
        self.init(
            method: head.method,
            target: head.uri,
            route: Served.routes.route(head.method, head.uri),
            isHTTP10: isHTTP10,
            keepsAlive: head.isKeepAlive,
            isChunked: fields.contentLength == nil && head.headers.contains(name: "transfer-encoding"),
            fields: fields
        )
    }
}
