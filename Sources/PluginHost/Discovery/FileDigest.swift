import COpenSSL
import Glibc

/// The SHA-256 digest of a file, in 64 small hexadecimal digits.
public struct FileDigest: Sendable, Equatable, CustomStringConvertible {
    public let description: String

    /// - Throws: if the file cannot be read.
    public init(of path: String) throws(PluginError) {
        description = try LibraryFile.withBytes(path) { (bytes) throws(PluginError) in
            var digest = [UInt8](repeating: 0, count: 32)
            guard EVP_Digest(bytes.baseAddress, bytes.count, &digest, nil, EVP_sha256(), nil) == 1 else {
                throw PluginError(.unreadable, path: path, "the digest of \(path) cannot be computed")
            }
            return digest.map { byte in
                let digits = String(byte, radix: 16)
                return digits.count == 1 ? "0" + digits : digits
            }.joined()
        }
    }

    /// - Parameter text: 64 hexadecimal digits, large or small.
    public init?(_ text: String) {
        let isDigest =
            text.utf8.count == 64
            && text.utf8.allSatisfy { (48...57).contains($0) || (65...70).contains($0) || (97...102).contains($0) }
        guard isDigest else { return nil }
        description = text.lowercased()
    }
}
