/// One page of `ListObjectsV2`.
struct ListingPage: Equatable {
    var objects: [String]
    /// The token of the next page. It is nil where this is the last page.
    var next: String?

    /// Parses a page. It is nil if the document is not such a page.
    init?(_ body: some Collection<UInt8>) {
        guard let root = XMLElement(parsing: body), root.isCalled("ListBucketResult") else { return nil }
        objects = root.all("Contents").compactMap { $0["Key"] }
        next = root.has("IsTruncated", "true") ? root["NextContinuationToken"] : nil
        // The token is a part of the next request's address, so its length is limited.
        if let next, next.utf8.count > Self.longestToken { return nil }
    }

    private static let longestToken = 4096
}

/// The request and the answer of `DeleteObjects`.
enum DeletionList {
    /// The body of the request.
    static func document(_ objects: [String]) -> String {
        "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Quiet>true</Quiet>"
            + objects.map { "<Object><Key>\(escaped($0))</Key></Object>" }.joined() + "</Delete>"
    }

    /// The objects that could not be deleted, as `code: key`.
    static func errors(_ body: some Collection<UInt8>) -> [String] {
        guard let root = XMLElement(parsing: body) else { return [] }
        return root.all("Error").map { error in
            let text = "\(error["Code"] ?? "error"): \(error["Key"] ?? "")"
            return String(decoding: text.utf8.prefix(longestError), as: UTF8.self)
        }
    }

    private static let longestError = 300

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&apos;"
            case "\u{0}"..<"\u{20}", "\u{7F}": escaped += "&#x\(String(scalar.value, radix: 16));"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
