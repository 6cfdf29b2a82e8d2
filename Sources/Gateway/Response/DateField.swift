import HTTPSyntax

/// The value of the Date header (RFC 9110 section 5.6.7), which is made anew once a second. Each event loop has one.
struct DateField {
    private var second: Int = .min
    private var text: [UInt8] = []

    /// The date at `unixSeconds` as `Sun, 06 Nov 1994 08:49:37 GMT`.
    mutating func text(at unixSeconds: Int) -> [UInt8] {
        if unixSeconds != second {
            second = unixSeconds
            text = Array(HTTPDate.format(unixSeconds).utf8)
        }
        return text
    }
}
