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

/// A handle to one value of the body that a `JSONDocument` currently holds.
///
/// It is only an index: copying it costs nothing and keeps nothing alive. A handle of an earlier body is recognised,
/// and reads as an absent value.
public struct JSONNode: Sendable, Hashable {
    /// The index of the value in the tape.
    let index: UInt32
    /// The body of the document that the value belongs to.
    let generation: UInt32
}

/// A member of an object: its name, itself a string, and its value.
public struct JSONMember: Sendable, Hashable {
    /// The name, a string.
    public let name: JSONNode
    /// The value of the member.
    public let value: JSONNode
}

/// One value in the tape. A container is followed by its content, and a member's name by the member's value.
struct TapeNode: BitwiseCopyable {
    /// The byte range in the source, including a string's quotes and a container's brackets.
    var start: UInt32
    var end: UInt32
    /// The index after this value and its content. For a member's name it is instead the name that follows in sorted
    /// order, or 0 after the last one (0 is the root, which is not a name).
    var next: UInt32
    /// The kind in bits 0-2 and `escaped` in bit 3. In the higher bits, an object has the distance to its first name in
    /// sorted order, and a member's name has `isLeftOut` in bit 4.
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

    /// The distance from an object to its first name in sorted order. It is 0 in an empty object.
    var firstName: UInt32 {
        get { meta >> 4 }
        set { meta = (meta & 15) | (newValue << 4) }
    }
}
