/// Why a body is not JSON, and where.
public struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, for programs.
    public enum Code: UInt8, Sendable, CaseIterable {
        case empty
        case tooLong
        case byteOrderMark
        case tooDeep
        case tooManyValues
        case expectedValue
        case expectedMemberName
        case expectedColon
        case expectedCommaOrBrace
        case expectedCommaOrBracket
        case invalidLiteral
        case invalidNumber
        case unterminatedString
        case controlCharacter
        case invalidEscape
        case loneSurrogate
        case invalidUTF8
        case duplicateMember
        case trailingBytes
    }

    /// What is wrong.
    public let code: Code
    /// How many bytes of the body precede the invalid one.
    public let offset: Int
    /// The path in the document, such as `messages[2].content`. It is empty at the top, and has at most 160 bytes of
    /// printable ASCII.
    public let path: String

    public var description: String {
        let place = path.isEmpty ? "" : " \(code.preposition) '\(path)'"
        return "the request body is not valid JSON: \(code.sentence)\(place) at byte \(offset)"
    }
}

extension JSONError.Code {
    /// What is wrong, to be followed by the place.
    fileprivate var sentence: String {
        switch self {
        case .empty: "it is empty; expected a value"
        case .tooLong: "it is longer than \(TapeNode.longestSource) bytes"
        case .byteOrderMark: "it starts with a byte order mark, which must be left out"
        case .tooDeep: "arrays and objects are nested deeper than \(JSONParser.deepest) levels"
        case .tooManyValues: "it has more values and names of members than are read"
        case .expectedValue: "expected a value"
        case .expectedMemberName: "expected the name of a member, in double quotes"
        case .expectedColon: "expected ':' after the name of a member"
        case .expectedCommaOrBrace: "expected ',' or '}' after a member"
        case .expectedCommaOrBracket: "expected ',' or ']' after an element"
        case .invalidLiteral: "expected 'true', 'false' or 'null'"
        case .invalidNumber: "a number is not written as JSON writes numbers"
        case .unterminatedString: "a string has no closing quote"
        case .controlCharacter: "a control character in a string must be escaped"
        case .invalidEscape: "a backslash starts none of the escapes that JSON knows"
        case .loneSurrogate: "a \\u escape is one half of a surrogate pair without its other half"
        case .invalidUTF8: "a string is not valid UTF-8"
        case .duplicateMember: "an object has two members of one name"
        case .trailingBytes: "expected the end of the body after its value"
        }
    }

    fileprivate var preposition: String {
        switch self {
        case .expectedCommaOrBrace, .expectedCommaOrBracket, .expectedColon: "of"
        default: "in"
        }
    }

    /// Whether the fault is in the value that is being read, and not between the values of its container.
    var concernsValue: Bool {
        switch self {
        case .expectedCommaOrBrace, .expectedCommaOrBracket, .expectedColon, .expectedMemberName, .trailingBytes: false
        default: true
        }
    }
}

/// A fault as the scanners report it. The document adds the path.
struct JSONFault: Error {
    let code: JSONError.Code
    let offset: Int

    init(_ code: JSONError.Code, at offset: Int) {
        self.code = code
        self.offset = offset
    }
}
