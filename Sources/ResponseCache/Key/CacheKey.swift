import Text

/// The name of an entry in a cache backend, written `<prefix>:<64 lowercase hexadecimal digits>`.
///
/// The digest alone identifies the entry, and covers everything the prefix is made of. The prefix is for people who
/// inspect the backend, and for deleting one namespace there. `x-litellm-cache-key` shows the text.
public struct CacheKey: Sendable, Hashable, CustomStringConvertible {
    /// The namespaces, in readable form.
    public let prefix: String
    /// The digest that identifies the entry.
    public let digest: SHA256Digest

    /// Makes a key of a digest, which is shown after a prefix.
    public init(prefix: String, digest: SHA256Digest) {
        self.prefix = prefix
        self.digest = digest
    }

    /// How many bytes the text form has.
    public var textLength: Int { prefix.utf8.count + 1 + 64 }

    /// Runs `body` with the text form in ASCII, or in the UTF-8 of the configured namespace. It is written on the stack
    /// up to 1,024 bytes, and must not leave `body`.
    @inlinable
    public func withText<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        withUnsafeTemporaryAllocation(byteCount: textLength, alignment: 1) { text in
            write(into: text)
            return body(UnsafeRawBufferPointer(text))
        }
    }

    /// Reads a key's text form. It is nil for any other text.
    public init?(text: String) {
        let bytes = Array(text.utf8)
        guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")), bytes.count - colon == 65 else { return nil }
        var digest: [UInt8] = []
        for digit in stride(from: colon + 1, to: bytes.count, by: 2) {
            guard let high = Self.value(ofDigit: bytes[digit]), let low = Self.value(ofDigit: bytes[digit + 1]) else {
                return nil
            }
            digest.append(high << 4 | low)
        }
        guard let digest = digest.withUnsafeBytes({ SHA256Digest(bytes: $0) }) else { return nil }
        self.init(prefix: String(decoding: bytes[..<colon], as: UTF8.self), digest: digest)
    }

    private static func value(ofDigit byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }

    public var description: String {
        withText { String(decoding: $0, as: UTF8.self) }
    }

    /// Fills `text`, which has `textLength` bytes.
    @usableFromInline
    func write(into text: UnsafeMutableRawBufferPointer) {
        guard let base = text.baseAddress, text.count == textLength else { return }
        // This does nothing except for strings that come from Objective-C, of which there are none.
        var prefix = prefix
        prefix.withUTF8 { text.copyMemory(from: UnsafeRawBufferPointer($0)) }
        let colon = base + prefix.utf8.count
        colon.storeBytes(of: UInt8(ascii: ":"), as: UInt8.self)
        digest.withUnsafeBytes { Hexadecimal.write($0, to: colon + 1) }
    }
}

extension CacheKey {
    /// The most bytes of a client's namespace that a prefix shows.
    public static let longestClientNamespace = 128

    /// The size in bytes of the longest key under a configured namespace of `namespaceLength` bytes: `acme:tests:<64
    /// hexadecimal digits>`.
    public static func longest(namespaceLength: Int) -> Int {
        namespaceLength + 1 + longestClientNamespace + 1 + 64
    }

    /// The prefix for a configured namespace and one that a client has asked for: `gateway`, `acme`, `acme:tests`.
    ///
    /// Every byte of the client's namespace outside `[A-Za-z0-9._-]` is shown as `-`, so that it can neither end the
    /// prefix nor mean anything to a backend. Two namespaces that are shown alike still have different keys.
    public static func prefix(namespace: String?, clientNamespace: String?) -> String {
        let configured = namespace ?? "gateway"
        guard let clientNamespace else { return configured }
        let shown = clientNamespace.utf8.prefix(longestClientNamespace).map { isPlain($0) ? $0 : UInt8(ascii: "-") }
        return configured + ":" + String(decoding: shown, as: UTF8.self)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
