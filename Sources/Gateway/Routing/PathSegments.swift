import HTTPSyntax

/// The path of a request that is passed on, which must not lead out of the one that it is passed on to.
enum PathSegments {
    /// Whether a path begins with a slash, has only visible ASCII, and has no segment that is empty, `.` or `..`, be it
    /// percent-encoded.
    static func arePlain(_ path: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        guard path.first == UInt8(ascii: "/"), path.allSatisfy({ (0x21...0x7E).contains($0) }) else { return false }
        let segments = path.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return segments.allSatisfy { segment in
            guard let name = PercentEncoding.decode(segment) else { return false }
            return !["", ".", ".."].contains { name.utf8.elementsEqual($0.utf8) }
        }
    }
}
