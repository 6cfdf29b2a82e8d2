/// A received response, with the order and spelling of its headers.
struct Response: Sendable {
    let status: Int
    let reason: String
    let headers: [(name: String, value: String)]
    var body: [UInt8] = []

    /// The value of a header, whose name is compared ignoring case. Several values are joined by ", ".
    subscript(name: String) -> String? {
        let values = headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
        return values.isEmpty ? nil : values.joined(separator: ", ")
    }

    var text: String { String(decoding: body, as: UTF8.self) }
    var json: JSON { JSON(body) }

    /// The value of Cache-Status (RFC 9211).
    var cacheStatus: String { self["cache-status"] ?? "none" }

    /// Whether the answer came from the cache.
    var isHit: Bool {
        cacheStatus.split(separator: ";").dropFirst().contains { $0.trimmed == "hit" }
    }

    /// Whether the request went to the model for this reason (`miss`, `request`, `bypass`, ...).
    func wasForwarded(_ reason: String) -> Bool {
        cacheStatus.split(separator: ";").dropFirst().contains { $0.trimmed == "fwd=\(reason)" }
    }

    /// The content of the first choice of a chat answer.
    var content: String? { json["choices"][0]["message"]["content"].string }
}

extension StringProtocol {
    /// The text without the spaces at both ends.
    var trimmed: String {
        String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}
