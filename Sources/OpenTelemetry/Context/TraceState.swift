/// The value of `tracestate` (W3C Trace Context, section 3.3): what other systems on the way keep with the trace. It is
/// passed on and never read.
public struct TraceState: Sendable, Hashable {
    /// The members, separated by commas: visible ASCII and spaces.
    public let bytes: [UInt8]

    /// How long a value may be. The specification wants at least 512 bytes to be passed on.
    public static let longest = 2_048
    /// How many members there may be.
    public static let mostMembers = 32

    /// The values of the fields of a request, in order. It is nil where there is nothing in them, or anything is wrong
    /// with them: the specification wants all of them to be discarded then.
    public init?(_ values: [[UInt8]]) {
        var members: [ArraySlice<UInt8>] = []
        for value in values {
            for part in value.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: true) {
                let member = Self.trimmed(part)
                // Empty members are allowed, and mean nothing.
                if member.isEmpty { continue }
                guard members.count < Self.mostMembers, Self.isMember(member) else { return nil }
                members.append(member)
            }
        }
        let keys = members.map { $0.prefix { $0 != UInt8(ascii: "=") } }
        guard !members.isEmpty, Set(keys.map(Array.init)).count == members.count else { return nil }
        let joined = Array(members.joined(separator: [UInt8(ascii: ",")]))
        guard joined.count <= Self.longest else { return nil }
        bytes = joined
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
        var bytes = bytes.drop(while: isSpace)
        while let last = bytes.last, isSpace(last) { bytes.removeLast() }
        return bytes
    }

    /// Whether the bytes are `key=value` (section 3.3.1.3).
    private static func isMember(_ member: ArraySlice<UInt8>) -> Bool {
        guard let sign = member.firstIndex(of: UInt8(ascii: "=")) else { return false }
        let value = member[(sign + 1)...]
        let isValue =
            value.count <= 256 && value.last != 0x20
            && value.allSatisfy { (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: ",") }
        return isValue && isKey(member[..<sign])
    }

    private static func isKey(_ key: ArraySlice<UInt8>) -> Bool {
        let parts = key.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        switch parts.count {
        case 1: return isName(key, limit: 256, mayBeginWithDigit: false)
        case 2:
            return isName(parts[0], limit: 241, mayBeginWithDigit: true)
                && isName(parts[1], limit: 14, mayBeginWithDigit: false)
        default: return false
        }
    }

    private static func isName(_ name: ArraySlice<UInt8>, limit: Int, mayBeginWithDigit: Bool) -> Bool {
        func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
        func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
        guard let first = name.first, name.count <= limit else { return false }
        return (isLetter(first) || mayBeginWithDigit && isDigit(first))
            && name.allSatisfy { isLetter($0) || isDigit($0) || "_-*/".utf8.contains($0) }
    }
}
