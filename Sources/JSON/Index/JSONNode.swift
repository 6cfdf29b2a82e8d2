/// What a JSON value is (RFC 8259, section 3).
public enum JSONKind: UInt8, Sendable {
    case object
    case array
    case string
    case number
    case `true`
    case `false`
    case null
}

/// A handle to one value of the body that a `JSONDocument` holds at the moment.
///
/// It is an index and nothing else: copying it costs nothing and keeps nothing alive. A handle that was taken from an earlier
/// body is recognised, and reads as a value that is not there.
public struct JSONNode: Sendable, Hashable {
    /// Where the value stands in the tape.
    let index: UInt32
    /// Which body of its document it belongs to.
    let generation: UInt32
}

/// A member of an object: its name, itself a string, and its value.
public struct JSONMember: Sendable, Hashable {
    /// The name, a string.
    public let name: JSONNode
    /// What the name stands for.
    public let value: JSONNode
}

/// One value in the tape. A container is followed by what it contains; a member's name by the member's value.
struct TapeNode: BitwiseCopyable {
    /// Byte range in the source, with a string's quotes and a container's brackets.
    var start: UInt32
    var end: UInt32
    /// The index behind this value and all it contains. For a member's name instead: the name that follows in sorted order,
    /// or 0 behind the last one (0 is the root, which is no name).
    var next: UInt32
    /// Kind in bits 0-2, `escaped` in bit 3. Above them an object has how far ahead its first name in sorted order is, and a
    /// member's name has `isLeftOut` in bit 4.
    private var meta: UInt32

    /// The longest source whose offsets and links fit the fields above.
    static let longestSource = 1 << 28

    init(kind: JSONKind, start: UInt32, end: UInt32, next: UInt32, escaped: Bool = false) {
        self.start = start
        self.end = end
        self.next = next
        meta = UInt32(kind.rawValue) | (escaped ? 8 : 0)
    }

    var kind: JSONKind { JSONKind(rawValue: UInt8(truncatingIfNeeded: meta & 7)) ?? .null }

    /// Whether a string holds a backslash, so that its source is not its content.
    var escaped: Bool { meta & 8 != 0 }

    /// Whether a string is the name of a member that is left out of the canonical form.
    var isLeftOut: Bool {
        get { meta & 16 != 0 }
        set { meta = newValue ? meta | 16 : meta & ~16 }
    }

    /// How far behind an object its first name in sorted order stands; 0 in an empty object.
    var firstName: UInt32 {
        get { meta >> 4 }
        set { meta = (meta & 15) | (newValue << 4) }
    }
}
