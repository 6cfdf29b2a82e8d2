import Text

/// The header fields of a client that are forwarded to a model, as lines that are ready to be written: `name: value` and
/// a line end. They take one allocation at most.
///
/// It has no field that belongs to a connection or is not valid HTTP, and credentials only where they were added on purpose.
public struct ForwardedFields: Sendable, Equatable {
    /// The lines, one after another.
    public private(set) var lines: [UInt8] = []

    /// Makes a value without fields.
    public init() {}

    /// Fields that must not be forwarded are left out.
    public init(_ fields: [(String, String)]) {
        for (name, value) in fields
        where FieldSyntax.isName(name) && FieldSyntax.isValue(value) && !FieldSyntax.belongsToConnection(name)
            && !FieldSyntax.isCredential(name)
        {
            lines += "\(name): \(value)\r\n".utf8
        }
    }

    /// Whether there are none.
    public var isEmpty: Bool { lines.isEmpty }

    /// Adds a field that is part of `bytes`, in which a colon follows its name and its line end follows its value. The
    /// caller has checked that it may be forwarded, and that the value has no
    /// control characters.
    public mutating func append(_ bytes: UnsafeRawBufferPointer, name: Range<Int>, value: Range<Int>) {
        if lines.isEmpty { lines.reserveCapacity(name.count + value.count + Self.usualRest) }
        let end = value.upperBound + 2
        let isUsual =
            end <= bytes.count && value.lowerBound == name.upperBound + 2
            && bytes[name.upperBound + 1] == UInt8(ascii: " ") && bytes[end - 2] == UInt8(ascii: "\r")
            && bytes[end - 1] == UInt8(ascii: "\n")
        if isUsual {
            lines.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[name.lowerBound..<end]))
            return
        }
        lines.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[name]))
        lines.append(UInt8(ascii: ":"))
        lines.append(UInt8(ascii: " "))
        lines.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[value]))
        lines.append(UInt8(ascii: "\r"))
        lines.append(UInt8(ascii: "\n"))
    }

    /// Whether there is a field of a name, which is given in lower case.
    public func contains(_ name: String) -> Bool {
        var isFound = false
        forEach { other, _ in if other.isSameField(as: name) { isFound = true } }
        return isFound
    }

    /// Calls `body` with the name and the whole line of each field.
    public func forEach(_ body: (_ name: String, _ line: UnsafeRawBufferPointer) -> Void) {
        lines.withUnsafeBytes { bytes in
            for line in bytes.split(separator: UInt8(ascii: "\n")) {
                let name = line.prefix { $0 != UInt8(ascii: ":") }
                let whole = UnsafeRawBufferPointer(rebasing: bytes[line.startIndex..<line.endIndex + 1])
                body(bytes.text(name.startIndex..<name.endIndex), whole)
            }
        }
    }

    /// Room for the separators of the first field, and for another field.
    private static let usualRest = 60
}
