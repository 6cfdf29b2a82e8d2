/// A coding of bodies that the gateway can decode (RFC 9110 section 8.4.1).
public enum ContentCoding: Sendable, CaseIterable {
    /// RFC 1952, also called `x-gzip`.
    case gzip
    /// RFC 8878, with windows of 8 MB at most (RFC 9659).
    case zstd

    /// Returns the coding that a value of Content-Encoding names. It is nil for a coding that is not known, and for more
    /// than one: nobody codes twice, and what was coded twice may expand without measure.
    ///
    /// - Parameter field: the value, with several lines joined by commas. `identity` in it means nothing.
    public init?(field: String) {
        let names = field.utf8.split(separator: UInt8(ascii: ",")).map { name in
            let isSpace = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
            let start = name.drop(while: isSpace)
            return start.reversed().drop(while: isSpace).reversed().map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        }
        let named = names.filter { !$0.isEmpty && !$0.elementsEqual("identity".utf8) }
        guard named.count == 1, let name = named.first else { return nil }
        if name.elementsEqual("gzip".utf8) || name.elementsEqual("x-gzip".utf8) {
            self = .gzip
        } else if name.elementsEqual("zstd".utf8) {
            self = .zstd
        } else {
            return nil
        }
    }

    /// The name of the coding.
    public var name: String {
        switch self {
        case .gzip: "gzip"
        case .zstd: "zstd"
        }
    }

    /// The value of Accept-Encoding in an answer that refuses another coding (RFC 9110 section 12.5.3).
    public static let accepted = allCases.map(\.name).joined(separator: ", ")
}
