import Text

/// A `.env` file, read as python-dotenv reads it.
struct EnvironmentFile {
    /// One `NAME=value`. A name without `=` has no value.
    struct Binding {
        let name: String
        let value: String
        let position: SourcePosition
    }

    private(set) var bindings: [Binding] = []
    private(set) var diagnostics: [Diagnostic] = []

    private let path: String
    private var rest: Substring.UnicodeScalarView
    private var line = 1

    init(_ file: SourceFile) {
        path = file.path
        let text = String(decoding: file.bytes, as: UTF8.self)
        rest = text[...].unicodeScalars
        while true {
            skip { $0.properties.isWhitespace }
            if rest.isEmpty { return }
            readLine()
        }
    }

    // MARK: Lines

    private mutating func readLine() {
        let start = line
        if rest.first == "#" {
            skip { !$0.isNewline }
            return
        }
        _ = take("export", before: \.isBlank)
        skip(\.isBlank)
        guard let name = readName(), !name.isEmpty else {
            return reject(start, "a line must be NAME=value; this one has no name")
        }
        skip(\.isBlank)
        guard rest.first == "=" else {
            let hasNothingElse = atEndOfLine()
            reject(start, "a line must be NAME=value; this one has no '='", hasNothingElse ? .warning : .error)
            return
        }
        rest.removeFirst()
        skip(\.isBlank)
        guard let value = readValue() else {
            return reject(start, "the quote that begins the value of '\(name.quotable)' is never closed")
        }
        guard atEndOfLine() else {
            return reject(
                start,
                "there is more text after the quoted value of '\(name.quotable)'; begin a comment with '#'"
            )
        }
        bindings.append(Binding(name: name, value: value, position: SourcePosition(file: path, line: start)))
    }

    private mutating func readName() -> String? {
        if rest.first == "'" {
            rest.removeFirst()
            let name = take { $0 != "'" && !$0.isNewline }
            guard rest.first == "'" else { return nil }
            rest.removeFirst()
            return name
        }
        return take { $0 != "=" && $0 != "#" && !$0.properties.isWhitespace }
    }

    private mutating func readValue() -> String? {
        switch rest.first {
        case "'", "\"":
            let quote = rest.removeFirst()
            return readQuoted(quote)
        default:
            return Self.withoutComment(take { !$0.isNewline })
        }
    }

    /// Reads a quoted value, which may span several lines.
    private mutating func readQuoted(_ quote: Unicode.Scalar) -> String? {
        var value = String.UnicodeScalarView()
        while let scalar = rest.popFirst() {
            if scalar == quote { return String(value) }
            if scalar == "\n" { line += 1 }
            guard scalar == "\\", let escaped = rest.first else {
                value.append(scalar)
                continue
            }
            if let meaning = Self.meaning(of: escaped, in: quote) {
                rest.removeFirst()
                value.append(meaning)
            } else {
                value.append(scalar)
            }
        }
        return nil
    }

    private static func meaning(of escaped: Unicode.Scalar, in quote: Unicode.Scalar) -> Unicode.Scalar? {
        switch escaped {
        case "\\", "'": escaped
        case _ where quote == "'": nil
        case "\"": escaped
        case "a": "\u{07}"
        case "b": "\u{08}"
        case "f": "\u{0C}"
        case "n": "\n"
        case "r": "\r"
        case "t": "\t"
        case "v": "\u{0B}"
        default: nil
        }
    }

    /// Removes the comment that white space and `#` begin in an unquoted value.
    private static func withoutComment(_ text: String) -> String {
        var value = text.unicodeScalars[...]
        var previousIsBlank = false
        for index in value.indices {
            if value[index] == "#", previousIsBlank {
                value = value[..<index]
                break
            }
            previousIsBlank = value[index].properties.isWhitespace
        }
        while value.last?.properties.isWhitespace == true { value.removeLast() }
        return String(String.UnicodeScalarView(value))
    }

    // MARK: Scanning

    private mutating func skip(_ isSkipped: (Unicode.Scalar) -> Bool) {
        while let scalar = rest.first, isSkipped(scalar) {
            if scalar == "\n" { line += 1 }
            rest.removeFirst()
        }
    }

    private mutating func take(_ isTaken: (Unicode.Scalar) -> Bool) -> String {
        let taken = rest.prefix(while: isTaken)
        rest = rest[taken.endIndex...]
        return String(String.UnicodeScalarView(taken))
    }

    private mutating func take(_ word: String, before isNext: (Unicode.Scalar) -> Bool) -> Bool {
        let scalars = word.unicodeScalars
        guard rest.starts(with: scalars), let next = rest.dropFirst(scalars.count).first, isNext(next) else {
            return false
        }
        rest = rest.dropFirst(scalars.count)
        return true
    }

    /// Skips blanks and a comment. It returns true where the rest of the line has nothing else.
    private mutating func atEndOfLine() -> Bool {
        skip(\.isBlank)
        if rest.first == "#" { skip { !$0.isNewline } }
        return rest.first.map(\.isNewline) ?? true
    }

    private mutating func reject(_ line: Int, _ message: String, _ severity: Diagnostic.Severity = .error) {
        if diagnostics.count < Diagnostic.limit {
            diagnostics.append(Diagnostic(severity, at: SourcePosition(file: path, line: line), message))
        }
        skip { !$0.isNewline }
    }
}

extension Unicode.Scalar {
    fileprivate var isNewline: Bool { self == "\n" || self == "\r" }
    fileprivate var isBlank: Bool { properties.isWhitespace && !isNewline }
}
