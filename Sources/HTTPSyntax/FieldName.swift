/// Names of header fields, which are the same in whatever case they are written (RFC 9110 section 5.1).
extension String {
    /// Whether this is `lower` but for the case of ASCII letters. `lower` is in lower case. Allocates nothing.
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
