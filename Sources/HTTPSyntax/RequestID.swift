public import Text

/// What one request is called: in the `x-request-id` of its answer, in the request to the model, and in the log.
public enum RequestID: Sendable, Equatable, CustomStringConvertible {
    /// The name that the client gave it.
    case client(String)
    /// A number of the gateway's, written as 16 hexadecimal digits.
    case own(UInt64)

    /// Bytes of the longest name that a client may give.
    public static let longest = 128

    /// A client's name for its request. It is nil where the name is empty, longer than `longest`, or has anything but
    /// visible characters of ASCII: such a name is not fit for a log or for a header.
    public init?(client name: String) {
        guard (1...Self.longest).contains(name.utf8.count), name.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return nil
        }
        self = .client(name)
    }

    /// Writes it as the value of a header.
    public func write(to text: inout WireText) {
        switch self {
        case .client(let name): text.write(string: name)
        case .own(let number): withUnsafeBytes(of: number.bigEndian) { text.write(hexadecimal: $0) }
        }
    }

    /// As it stands in a header.
    public var description: String {
        switch self {
        case .client(let name): name
        case .own(let number):
            String(repeating: "0", count: number.leadingZeroBitCount / 4)
                + (number == 0 ? "" : String(number, radix: 16))
        }
    }
}
