/// A place in a file, as an editor counts it: the first character of a file is line 1, column 1.
public struct SourcePosition: Sendable, Hashable {
    /// The path of the file, as the user wrote it.
    public let file: String
    /// The line, counted from 1. It is 0 where the whole file is meant.
    public let line: Int
    /// The column in Unicode scalars, counted from 1. It is 0 where the whole line or file is meant.
    public let column: Int

    /// Makes a position. Line and column count from 1, and 0 stands for the whole.
    public init(file: String, line: Int = 0, column: Int = 0) {
        self.file = file
        self.line = line
        self.column = column
    }
}

extension SourcePosition: CustomStringConvertible {
    /// `config.yaml:12:5`, `.env:3` or `config.yaml`.
    public var description: String {
        if line <= 0 { return file }
        return column <= 0 ? "\(file):\(line)" : "\(file):\(line):\(column)"
    }
}

extension SourcePosition: Comparable {
    public static func < (left: SourcePosition, right: SourcePosition) -> Bool {
        (left.file, left.line, left.column) < (right.file, right.line, right.column)
    }
}
