import Configuration
import JSON
import ResponseCache

/// What a configuration says, value by value, in a form that may be shown and compared: in place of what is secret it has
/// digests with a salt of the process.
struct ConfigurationSummary: Sendable, Equatable {
    struct Value: Sendable, Equatable {
        /// The value as it may be shown.
        let shown: String
        /// The digest of a value that must not be shown. It is nil for the others.
        let digest: String?
    }

    /// The salt of the digests.
    let salt: [UInt8]
    /// The values by their places, in the order of the file.
    let values: [(path: String, value: Value)]

    /// A salt for the summaries of one process.
    static func newSalt() -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    init(salt: [UInt8], values: [(path: String, value: Value)]) {
        self.salt = salt
        self.values = values
    }

    /// - Parameters:
    ///   - outline: what the file says.
    ///   - backend: the cache backend's type, and all that an instance of it is made with, if there is one.
    ///   - salt: that of the summary with which this one is compared.
    init(
        _ outline: ConfigurationOutline,
        backend: (type: String, identity: String)?,
        salt: [UInt8]
    ) throws(SHA256Failure) {
        let hash = try SHA256()
        func digest(_ text: String) throws(SHA256Failure) -> String {
            let bytes = salt + Array(text.utf8)
            let digest = bytes.withUnsafeBytes { bytes in
                Result { () throws(SHA256Failure) in try hash.digest(bytes) }
            }
            return try digest.get().withUnsafeBytes { bytes in
                bytes.prefix(8).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            }
        }
        var values: [(path: String, value: Value)] = []
        for entry in outline.entries {
            switch entry.value {
            case .shown(let text): values.append((entry.path, Value(shown: text, digest: nil)))
            case .hidden(let secret, let shown):
                values.append((entry.path, Value(shown: shown, digest: try digest(secret.value))))
            }
        }
        if let backend {
            values.append((Self.backend, Value(shown: backend.type, digest: try digest(backend.identity))))
        }
        self.init(salt: salt, values: values)
    }

    /// The place of the cache backend as a whole, which no file has.
    static let backend = "(the cache backend)"

    static func == (left: ConfigurationSummary, right: ConfigurationSummary) -> Bool {
        left.salt == right.salt
            && left.values.elementsEqual(right.values) { $0.path == $1.path && $0.value == $1.value }
    }
}
