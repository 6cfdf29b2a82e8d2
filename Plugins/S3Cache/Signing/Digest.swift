import COpenSSL

/// The digests that S3 requires, computed by OpenSSL.
enum Digest {
    static func sha256(_ parts: [UnsafeRawBufferPointer]) -> [UInt8] { digest(EVP_sha256(), parts) }

    static func sha256(_ text: String) -> [UInt8] { of(Array(text.utf8)) { sha256([$0]) } }

    static func md5(_ bytes: [UInt8]) -> [UInt8] { of(bytes) { digest(EVP_md5(), [$0]) } }

    /// HMAC-SHA256 (RFC 2104).
    static func hmac(_ key: [UInt8], _ text: String) -> [UInt8] {
        let message = Array(text.utf8)
        var result = [UInt8](repeating: 0, count: 32)
        var length: UInt32 = 32
        _ = HMAC(EVP_sha256(), key, Int32(clamping: key.count), message, message.count, &result, &length)
        return result
    }

    private static func of(_ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) -> [UInt8]) -> [UInt8] {
        bytes.withUnsafeBytes(body)
    }

    private static func digest(_ kind: OpaquePointer?, _ parts: [UnsafeRawBufferPointer]) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        guard let context = EVP_MD_CTX_new() else { return [] }
        defer { EVP_MD_CTX_free(context) }
        guard EVP_DigestInit_ex(context, kind, nil) == 1 else { return [] }
        for part in parts where part.count > 0 {
            guard EVP_DigestUpdate(context, part.baseAddress, part.count) == 1 else { return [] }
        }
        guard EVP_DigestFinal_ex(context, &result, &length) == 1 else { return [] }
        return Array(result.prefix(Int(length)))
    }
}

extension Sequence<UInt8> {
    /// Lowercase hexadecimal digits.
    var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in self {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension [UInt8] {
    /// Base64 with padding (RFC 4648 section 4).
    var base64: String {
        let digits = Array<UInt8>("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        for start in stride(from: 0, to: count, by: 3) {
            let group = self[start..<Swift.min(start + 3, count)]
            let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
            for index in 0..<4 {
                text.append(index <= group.count ? digits[Int(bits >> UInt32(18 - 6 * index) & 63)] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
