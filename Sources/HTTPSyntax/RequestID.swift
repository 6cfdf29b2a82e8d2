public import Text

/// The id of one request, used in the `x-request-id` of its answer, in the request to the model, and in the log.
public enum RequestID: Sendable, Equatable, CustomStringConvertible {
    /// The id that the client sent.
    case client(String)
    /// A number that the gateway assigned, written as 16 hexadecimal digits.
    case own(UInt64)

    /// The greatest length of an id from a client, in bytes.
    public static let longest = 128

    /// Accepts a client's id for its request. It is nil where the id is empty, longer than `longest`, or has anything
    /// but visible ASCII characters: such an id is not fit for a log or a header.
    public init?(client name: String) {
        guard (1...Self.longest).contains(name.utf8.count), name.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return nil
        }
        self = .client(name)
    }

    /// Writes the id as the value of a header.
    public func write(to text: inout WireText) {
        switch self {
        case .client(let name): text.write(string: name)
        case .own(let number): text.write(hexadecimal: number)
        }
    }

    /// The id as it is written in a header.
    public var description: String {
        switch self {
        case .client(let name): name
        case .own(let number):
            String(repeating: "0", count: number.leadingZeroBitCount / 4)
                + (number == 0 ? "" : String(number, radix: 16))
        }
    }
}
