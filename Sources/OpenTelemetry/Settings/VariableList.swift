import HTTPSyntax

/// A list of names and values in a variable, as `OTEL_EXPORTER_OTLP_HEADERS` has it: `name=value,other=value`, with
/// percent-encoded values.
enum VariableList {
    /// Reads a list. An empty member means nothing.
    ///
    /// - Throws: the number of the first member that is malformed, from 1.
    static func read(_ text: String) throws(MalformedMember) -> [(name: String, value: String)] {
        var members: [(name: String, value: String)] = []
        for (index, part) in text.split(separator: ",", omittingEmptySubsequences: false).enumerated() {
            let part = part.trimmed
            if part.isEmpty { continue }
            guard let sign = part.firstIndex(of: "="), sign > part.startIndex else {
                throw MalformedMember(number: index + 1)
            }
            let name = String(part[..<sign].trimmed)
            var encoded = String(part[part.index(after: sign)...].trimmed)
            let value = encoded.withUTF8 { PercentEncoding.decode($0[...]) }
            guard let value, !name.isEmpty else { throw MalformedMember(number: index + 1) }
            members.append((name, value))
        }
        return members
    }

    struct MalformedMember: Error {
        let number: Int
    }
}

extension StringProtocol {
    var trimmed: SubSequence {
        let isSpace = { (character: Character) in character == " " || character == "\t" }
        var text = drop(while: isSpace)
        while let last = text.last, isSpace(last) { text = text.dropLast() }
        return text
    }
}
