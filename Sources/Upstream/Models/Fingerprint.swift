import COpenSSL

/// A hash of what determines a deployment's answers, so that an answer is never taken for that of another model.
///
/// It is a hash because extra fields may hold secrets. Keys, weights and timeouts are not part of it, since changing
/// them does not change the answers.
struct Fingerprint {
    private var bytes: [UInt8] = [1]

    /// Adds a field with its length, so that no two lists of fields have the same bytes.
    mutating func add(_ text: String?) {
        guard let text else {
            bytes.append(0)
            return
        }
        bytes.append(1)
        let count = UInt64(text.utf8.count)
        bytes.append(contentsOf: (0..<8).map { UInt8(truncatingIfNeeded: count >> UInt64(8 * $0)) })
        bytes.append(contentsOf: text.utf8)
    }

    func digest() -> [UInt8] { Self.sha256(bytes) }

    /// The fingerprint of several deployments, which does not depend on their order.
    static func combine(_ fingerprints: [[UInt8]]) -> [UInt8] {
        sha256(Array(fingerprints.sorted { $0.lexicographicallyPrecedes($1) }.joined()))
    }

    /// The fingerprint of a pattern, whose deployments' models depend on it.
    static func of(pattern: String, _ deployments: [UInt8]) -> [UInt8] {
        var fingerprint = Fingerprint()
        fingerprint.add(pattern)
        fingerprint.bytes += deployments
        return fingerprint.digest()
    }

    /// The SHA-256 of the bytes, or the bytes themselves where libcrypto was built without it.
    static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        let isDone = EVP_Digest(bytes, bytes.count, &digest, nil, EVP_sha256(), nil) == 1
        return isDone ? digest : bytes
    }
}

extension MockResponse {
    /// The mock as fields of a fingerprint.
    func add(to fingerprint: inout Fingerprint) {
        switch self {
        case .text(let text):
            fingerprint.add("text")
            fingerprint.add(text)
        case .json(let json):
            fingerprint.add("json")
            fingerprint.add(json)
        case .embedding(let numbers):
            fingerprint.add("embedding")
            fingerprint.add(numbers.map(\.description).joined(separator: ","))
        }
    }
}
