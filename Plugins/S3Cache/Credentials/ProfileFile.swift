/// A file of the AWS command line, `~/.aws/credentials` or `~/.aws/config`: sections in brackets, `name = value` lines.
struct ProfileFile: Equatable {
    private var sections: [String: [String: String]] = [:]

    /// - Parameter isConfig: whether it is the configuration file, in which a profile's section is named
    ///   `profile NAME`, except for `default`.
    init(_ text: String, isConfig: Bool) {
        var section: String?
        for line in text.split(whereSeparator: \.isNewline) {
            let content = Self.trimmed(line)
            if content.isEmpty || content.hasPrefix("#") || content.hasPrefix(";") { continue }
            if content.hasPrefix("["), let end = content.firstIndex(of: "]") {
                section = Self.profile(content[content.index(after: content.startIndex)..<end], isConfig)
                continue
            }
            // An indented line belongs to the value above it (`s3 =` and its own settings).
            guard let section, line.first?.isWhitespace == false, let equals = content.firstIndex(of: "=") else {
                continue
            }
            let name = Self.trimmed(content[..<equals]).lowercased()
            var value = Self.trimmed(content[content.index(after: equals)...])
            for comment in [" #", " ;"] {
                if let start = value.ranges(of: comment).first { value = Self.trimmed(value[..<start.lowerBound]) }
            }
            sections[section, default: [:]][name] = String(value)
        }
    }

    subscript(profile: String) -> [String: String]? { sections[profile] }

    private static func profile(_ header: Substring, _ isConfig: Bool) -> String? {
        let name = trimmed(header)
        guard isConfig, name != "default" else { return String(name) }
        let words = name.split(separator: " ", maxSplits: 1)
        return words.count == 2 && words[0] == "profile" ? String(trimmed(words[1])) : nil
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop { $0.isWhitespace }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return text
    }
}
