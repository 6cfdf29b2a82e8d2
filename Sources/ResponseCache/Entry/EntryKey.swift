/// A key that entries are sealed with: 32 random bytes. It is never printed.
public struct EntryKey: Sendable, CustomStringConvertible, CustomReflectable {
    let bytes: [UInt8]

    /// Nil unless there are 32 bytes.
    public init?(bytes: [UInt8]) {
        guard bytes.count == EntryKey.length else { return nil }
        self.bytes = bytes
    }

    static let length = 32

    public var description: String { "<redacted>" }
    /// Without children, so that `dump` shows nothing.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
