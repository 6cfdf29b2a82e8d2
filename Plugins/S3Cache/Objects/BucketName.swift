import PluginKit

/// Names that S3 allows for buckets ("Bucket naming rules"), and `_`, which it allowed once, so that such buckets still
/// exist.
enum BucketName {
    /// - Throws: a failure that describes the error in the name for the operator.
    static func check(_ name: String) throws(PluginFailure) {
        if let reason = problem(name) {
            throw PluginFailure(.badConfiguration, "'s3_bucket_name': '\(name)' is no name for a bucket: \(reason)")
        }
    }

    private static func problem(_ name: String) -> String? {
        let bytes = Array(name.utf8)
        guard (3...63).contains(bytes.count) else { return "it must have 3 to 63 characters" }
        let punctuation = Set(".-_".utf8)
        guard bytes.allSatisfy({ isLetterOrDigit($0) || punctuation.contains($0) }) else {
            return "it may have lower-case letters, digits, '.', '-' and '_' only"
        }
        guard let first = bytes.first, let last = bytes.last, isLetterOrDigit(first), isLetterOrDigit(last) else {
            return "it must begin and end with a letter or digit"
        }
        if name.split(separator: ".", omittingEmptySubsequences: false).contains(where: { part in
            part.isEmpty || part.hasPrefix("-") || part.hasSuffix("-")
        }) {
            return "'.' must stand between letters or digits"
        }
        if isAddress(name) { return "it must not look like an IP address" }
        return nil
    }

    /// Whether the name can precede a host's name, as in virtual-hosted addressing. No host has a `_` in its name.
    ///
    /// - Parameter usesTLS: whether TLS is used. A wildcard certificate does not cover a name with a further dot.
    static func fitsHost(_ name: String, usesTLS: Bool) -> Bool {
        !name.utf8.contains(UInt8(ascii: "_")) && (!usesTLS || !name.utf8.contains(UInt8(ascii: ".")))
    }

    private static func isAddress(_ name: String) -> Bool {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
