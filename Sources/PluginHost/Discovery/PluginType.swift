/// The name of a kind of cache backend, `cache_params.type`. It matches `^[a-z][a-z0-9_-]{0,31}$`, so that it can never
/// be a path.
public struct PluginType: Hashable, Sendable, CustomStringConvertible {
    /// The name as in `cache_params.type`.
    public let name: String

    /// - Throws: if a plugin may not have this name.
    public init(_ name: String) throws(PluginError) {
        guard Self.isValid(name) else {
            throw PluginError(
                .invalidType,
                "cache type '\(Printable.text(name, limit: 40))' is not a plugin's name: "
                    + "use a small letter followed by at most 31 small letters, digits, '_' or '-', such as 'redis'"
            )
        }
        self.name = name
    }

    public var description: String { name }

    /// The file name of a plugin of this type.
    public var fileName: String { Self.prefix + name + Self.suffix }

    static let prefix = "libgateway-cache-"
    static let suffix = ".so"

    init?(fileName: String) {
        guard fileName.hasPrefix(Self.prefix), fileName.hasSuffix(Self.suffix) else { return nil }
        let name = String(fileName.dropFirst(Self.prefix.count).dropLast(Self.suffix.count))
        guard Self.isValid(name) else { return nil }
        self.name = name
    }

    private static func isValid(_ name: String) -> Bool {
        let bytes = name.utf8
        guard let first = bytes.first, isLetter(first), bytes.count <= 32 else { return false }
        return bytes.dropFirst().allSatisfy {
            isLetter($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }
}
