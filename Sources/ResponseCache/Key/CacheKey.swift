/// The name of an entry in a cache backend, written `<prefix>:<64 lowercase hexadecimal digits>`.
///
/// The digest alone decides what is found, and holds everything the prefix is made of; the prefix is for the people who look
/// into the backend, and for deleting one namespace there. `x-litellm-cache-key` shows the text.
public struct CacheKey: Sendable, Hashable, CustomStringConvertible {
    /// The namespaces, for reading.
    public let prefix: String
    public let digest: SHA256Digest

    public init(prefix: String, digest: SHA256Digest) {
        self.prefix = prefix
        self.digest = digest
    }

    /// How many bytes the text form has.
    public var textLength: Int { prefix.utf8.count + 1 + 64 }

    /// Runs `body` with the text form in ASCII, or in the UTF-8 of the configured namespace. It is written on the stack up to
    /// 1,024 bytes, and must not leave `body`.
    public func withText<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let length = textLength
        return try withUnsafeTemporaryAllocation(byteCount: length, alignment: 1) {
            text throws(Failure) -> Result in
            write(into: text)
            return try body(UnsafeRawBufferPointer(text))
        }
    }

    public var description: String {
        withText { String(decoding: $0, as: UTF8.self) }
    }

    /// Fills `text`, which has `textLength` bytes.
    private func write(into text: UnsafeMutableRawBufferPointer) {
        var position = 0
        for byte in prefix.utf8 {
            text[position] = byte
            position += 1
        }
        text[position] = UInt8(ascii: ":")
        position += 1
        let digits = CacheKey.digits.utf8Start
        digest.withUnsafeBytes { bytes in
            for byte in bytes {
                text[position] = digits[Int(byte >> 4)]
                text[position + 1] = digits[Int(byte & 15)]
                position += 2
            }
        }
    }

    private static let digits: StaticString = "0123456789abcdef"
}

extension CacheKey {
    /// The most bytes of a client's namespace that a prefix shows.
    public static let longestClientNamespace = 128

    /// The prefix for a configured namespace and one that a client has asked for: `gateway`, `acme`, `acme:tests`.
    ///
    /// Of the client's, every byte outside `[A-Za-z0-9._-]` is shown as `-`, so that it can neither end the prefix nor mean
    /// anything to a backend. Two namespaces that look alike by this still have keys of their own.
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
