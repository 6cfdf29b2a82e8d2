import ResponseCache
import Text

/// A key for a tenant that nobody has yet: `sk-` and 43 characters of base64url (RFC 4648 section 5) for 32 random bytes.
struct NewKey {
    /// The key itself.
    let text: String
    /// Its SHA-256 in 64 lower-case hexadecimal digits, for `key_sha256`.
    let digest: String

    /// Makes a key of random bytes from the system (getrandom).
    init() throws(SHA256Failure) {
        var generator = SystemRandomNumberGenerator()
        try self.init(random: (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }

    /// Makes a key of these bytes.
    init(random bytes: [UInt8]) throws(SHA256Failure) {
        let text = "sk-" + Self.base64(bytes)
        let digest = Array(text.utf8).withUnsafeBytes { bytes in
            Result { () throws(SHA256Failure) in try SHA256.digest(once: bytes) }
        }
        self.text = text
        self.digest = try digest.get().withUnsafeBytes { bytes in
            withUnsafeTemporaryAllocation(byteCount: 2 * bytes.count, alignment: 1) { digits in
                if let base = digits.baseAddress { Hexadecimal.write(bytes, to: base) }
                return String(decoding: digits, as: UTF8.self)
            }
        }
    }

    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    private static func base64(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        var rest: UInt32 = 0
        var bits: UInt32 = 0
        for byte in bytes {
            rest = rest << 8 | UInt32(byte)
            bits += 8
            while bits >= 6 {
                bits -= 6
                text.append(digits[Int(rest >> bits & 63)])
            }
        }
        if bits > 0 { text.append(digits[Int(rest << (6 - bits) & 63)]) }
        return String(decoding: text, as: UTF8.self)
    }
}
