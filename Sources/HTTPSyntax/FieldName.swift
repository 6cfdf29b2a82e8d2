/// Names of header fields, which are case-insensitive (RFC 9110 section 5.1).
extension String {
    /// Whether this equals `lower`, ignoring the case of ASCII letters. `lower` is in lower case. It allocates nothing.
    public func equalsIgnoringCase(_ lower: StaticString) -> Bool {
        let count = lower.utf8CodeUnitCount
        guard utf8.count == count else { return false }
        let expected = UnsafeBufferPointer(start: lower.utf8Start, count: count)
        return utf8.withContiguousStorageIfAvailable { String.isEqual($0, expected) }
            ?? utf8.elementsEqual(expected) { FieldSyntax.lowered($0) == $1 }
    }

    private static func isEqual(_ written: UnsafeBufferPointer<UInt8>, _ lower: UnsafeBufferPointer<UInt8>) -> Bool {
        for index in 0..<Swift.min(written.count, lower.count) where FieldSyntax.lowered(written[index]) != lower[index]
        {
            return false
        }
        return true
    }
}
