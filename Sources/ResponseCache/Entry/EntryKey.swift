/// A key that seals entries: 32 random bytes. It is never printed.
public struct EntryKey: Sendable, CustomStringConvertible, CustomReflectable {
    let bytes: [UInt8]

    /// Makes a key of 32 bytes. It is nil for any other number of bytes.
    public init?(bytes: [UInt8]) {
        guard bytes.count == EntryKey.length else { return nil }
        self.bytes = bytes
    }

    static let length = 32

    public var description: String { "<redacted>" }
    /// The mirror has no children, so that `dump` shows nothing.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
