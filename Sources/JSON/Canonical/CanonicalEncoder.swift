/// Writes values in one canonical form that all bodies of the same meaning share. The bytes are for hashing only;
/// nothing reads them back.
///
/// Every value starts with a tag. `n`, `t` and `f` stand alone. `s` is followed by the decoded bytes and by 0xFF, which
/// is no byte of UTF-8 (RFC 3629 section 3) nor of a surrogate. There is no Unicode normalisation: a model that is sent
/// other code points is asked another question. `d` is followed by
/// the sign (0 or 1), exponent, length and significant digits; the value is exact at any size, and zero has no digits.
/// `v` is followed by the length and the text of a number whose exponent does not fit 64 bits; such numbers are equal
/// only in the same spelling. `[` is followed by the elements and `]`; `{` by the members in the byte order of their
/// names and `}`. Lengths and exponents are 8 bytes, least significant first. No value's encoding is a prefix of
/// another's, so that sequences are unambiguous too.
///
/// Every byte of a body is written at most once, whatever the nesting, and members come sorted from the parse.
struct CanonicalEncoder: ~Copyable {
    /// A container that is being written. It is not private, because the compiler (6.3.1) crashes on a private type
    /// argument of a stored non-copyable generic.
    struct Frame: BitwiseCopyable {
        /// The next element, or the next name in order.
        var next: UInt32
        /// The index after an array's last element. It is 0 for an object, whose last name links to 0.
        var end: UInt32
    }

    private var frames = Scratch<Frame>(initial: JSONParser.deepest, kept: JSONParser.deepest)

    /// Appends the value at `root` of a tape, without the members that are marked as left out.
    mutating func encode(
        _ root: UInt32,
        of nodes: UnsafePointer<TapeNode>,
        _ bytes: UnsafePointer<UInt8>,
        to out: inout Scratch<UInt8>
    ) {
        frames.reset()
        begin(root, of: nodes, bytes, to: &out)
        while frames.count > 0 {
            let top = frames.count &- 1
            let frame = frames[top]
            if frame.next == frame.end {
                out.append(frame.end == 0 ? UInt8(ascii: "}") : UInt8(ascii: "]"))
                frames.removeLast()
            } else if frame.end == 0 {
                let name = nodes[Int(frame.next)]
                let value = frame.next &+ 1
                frames[top].next = name.next
                if name.isLeftOut { continue }
                append(name.text(in: bytes), to: &out)
                begin(value, of: nodes, bytes, to: &out)
            } else {
                frames[top].next = nodes[Int(frame.next)].next
                begin(frame.next, of: nodes, bytes, to: &out)
            }
        }
    }

    /// Writes a whole scalar, or the tag of a container, whose content it remembers.
    @inline(__always)
    private mutating func begin(
        _ index: UInt32,
        of nodes: UnsafePointer<TapeNode>,
        _ bytes: UnsafePointer<UInt8>,
        to out: inout Scratch<UInt8>
    ) {
        let node = nodes[Int(index)]
        switch node.kind {
        case .object:
            out.append(UInt8(ascii: "{"))
            frames.append(Frame(next: node.firstName == 0 ? 0 : index &+ node.firstName, end: 0))
        case .array:
            out.append(UInt8(ascii: "["))
            frames.append(Frame(next: index &+ 1, end: node.next))
        case .string: append(node.text(in: bytes), to: &out)
        case .number: append(number: node, bytes, to: &out)
        case .true: out.append(UInt8(ascii: "t"))
        case .false: out.append(UInt8(ascii: "f"))
        case .null: out.append(UInt8(ascii: "n"))
        }
    }

    private func append(_ text: JSONText, to out: inout Scratch<UInt8>) {
        out.append(UInt8(ascii: "s"))
        text.append(to: &out)
        out.append(0xFF)
    }

    private func append(number node: TapeNode, _ bytes: UnsafePointer<UInt8>, to out: inout Scratch<UInt8>) {
        guard let decimal = JSONDecimal(node, in: bytes) else {
            out.append(UInt8(ascii: "v"))
            out.append(integer: UInt64(node.end &- node.start))
            out.append(UnsafeRawBufferPointer(start: bytes + Int(node.start), count: Int(node.end &- node.start)))
            return
        }
        out.append(UInt8(ascii: "d"))
        out.append(decimal.isNegative ? 1 : 0)
        out.append(integer: UInt64(bitPattern: decimal.exponent))
        out.append(integer: UInt64(decimal.digitCount))
        let whole = decimal.point ?? decimal.digits.upperBound
        out.append(
            UnsafeRawBufferPointer(start: bytes + decimal.digits.lowerBound, count: whole - decimal.digits.lowerBound)
        )
        guard let point = decimal.point else { return }
        let fraction = point + 1..<decimal.digits.upperBound
        out.append(UnsafeRawBufferPointer(start: bytes + fraction.lowerBound, count: fraction.count))
    }
}
