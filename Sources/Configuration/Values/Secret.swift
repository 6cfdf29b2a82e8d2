/// A value that is never printed, such as an API key or the master key.
public struct Secret: Sendable, Hashable {
    /// The secret itself, for the one place that sends or compares it.
    public let value: String

    /// Makes a secret of a text.
    public init(_ value: String) {
        self.value = value
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "<redacted>" }
    public var debugDescription: String { "<redacted>" }
    /// The mirror has no children, so that `dump` and string interpolation of an enclosing value show nothing.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
