import NIOCore

/// The page of `GET /ui`: one document that asks for nothing from elsewhere, without data. Its script asks `/ui/data` with
/// the key that it is given.
enum DashboardPage {
    /// What a browser may do with the page. Nothing runs or is drawn but the style and the script in it, which have these
    /// digests; it talks to this gateway alone; text never becomes markup.
    static let policy = [
        "default-src 'none'", "script-src '\(PageDocument.scriptDigest)'", "style-src '\(PageDocument.styleDigest)'",
        "connect-src 'self'", "img-src data:", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
        "require-trusted-types-for 'script'", "trusted-types 'none'",
    ].joined(separator: "; ")

    private static let fields = [
        (name: "content-security-policy", value: policy), (name: "x-content-type-options", value: "nosniff"),
        (name: "x-frame-options", value: "DENY"), (name: "referrer-policy", value: "no-referrer"),
        (name: "cross-origin-opener-policy", value: "same-origin"),
        (name: "cross-origin-resource-policy", value: "same-origin"), (name: "cache-control", value: "no-store"),
    ]

    private static let (withKey, withoutKey) = (document(key: "needed"), document(key: "none"))

    private static func document(key: StaticString) -> ByteBuffer {
        var document = ByteBuffer()
        for part in [PageDocument.beginning, key, PageDocument.end] { document.writeStaticString(part) }
        return document
    }

    /// Answers with the page.
    ///
    /// - Parameter needsKey: whether figures are told to holders of the master key only.
    static func answer(on connection: Connection, needsKey: Bool) {
        let document = needsKey ? withKey : withoutKey
        let length = document.readableBytes
        connection.answer(
            ResponseHead(200, .type("text/html; charset=utf-8"), framing: .length(length), fields: fields),
            document
        )
    }
}
