public import NIOCore

/// A reusable index over the bytes of one JSON body (RFC 8259 without extensions).
///
/// `parse` reads the body once and keeps one 16-byte node for every value; no value is decoded, and nothing is
/// allocated once the document is warm. At most 1 MiB of the memory that a huge body needed is kept. Values are read
/// through `JSONNode` handles, which cannot reach beyond the body: a handle that does not fit reads as an absent value.
///
/// One document serves one thread, request after request. It is not `Sendable`.
public final class JSONDocument {
    /// How many values and names of members an answer of a model may have. A larger answer is neither stored nor
    /// converted.
    public static let answerNodes = 1 << 20

    private var parser = JSONParser()
    /// The readable bytes are the source that the tape was made from.
    private var source = ByteBuffer()
    private(set) var generation: UInt32 = 0
    private var isComplete = false

    public init() {}

    /// Parses `buffer` from its reader index to its end. Offsets are counted from there.
    ///
    /// The document shares the buffer's storage until the next `parse` or `reset`. Nodes of earlier bodies become
    /// invalid.
    ///
    /// - Parameters:
    ///   - forKey: whether a key is to be made of the body. Otherwise its members are not sorted, and two members of
    ///     one name are accepted.
    ///   - nodeLimit: how many values and names of members the body may have. The parse ends at the first one beyond,
    ///     so that its memory is bounded too.
    ///   - skipsNumbers: whether an array keeps a number only as its first element, so that an answer full of
    ///     embeddings takes little memory.
    public func parse(_ buffer: ByteBuffer, forKey: Bool = true, nodeLimit: Int = .max, skipsNumbers: Bool = false)
        throws(JSONError)
    {
        reset()
        source = buffer
        let fault = source.withUnsafeReadableBytes { bytes -> JSONFault? in
            do throws(JSONFault) {
                try parser.parse(bytes, ordersMembers: forKey, nodeLimit: nodeLimit, skipsNumbers: skipsNumbers)
                return nil
            } catch {
                return error
            }
        }
        if let fault { throw explain(fault) }
        isComplete = true
    }

    /// Forgets the body, releases its storage and gives back memory beyond what is kept.
    public func reset() {
        isComplete = false
        generation &+= 1
        source = ByteBuffer()
        parser.reset()
    }

    /// The outermost value of the body, if there is one.
    public var root: JSONNode? {
        isComplete ? JSONNode(index: 0, generation: generation) : nil
    }

    /// How many nodes the body has: its values and the names of its members.
    public var nodeCount: Int { isComplete ? parser.nodes.count : 0 }

    /// The size of the body in bytes.
    var byteCount: Int { source.readableBytes }

    /// How many nodes there is memory for.
    var keptNodes: Int { parser.nodes.capacity }

    /// How many comparisons of names the body took.
    var comparisons: Int { parser.comparisons }

    /// The node of a handle. It is nil where the handle belongs to another body.
    func tapeNode(_ node: JSONNode) -> TapeNode? {
        guard isComplete, node.generation == generation, node.index < parser.nodes.count else { return nil }
        return parser.nodes[Int(node.index)]
    }

    /// Leaves a member out of the canonical form of its object.
    ///
    /// - Parameter value: the member's value. A node that is not a member's value changes nothing.
    public func leaveOut(memberWithValue value: JSONNode) {
        guard tapeNode(value) != nil, value.index > 0 else { return }
        parser.leaveOut(memberNamed: Int(value.index) - 1)
    }

    /// Runs `body` with the tape and the source, neither of which may escape it.
    func withTape<Result, Failure: Error>(
        _ body: (UnsafePointer<TapeNode>, UnsafePointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        guard isComplete else { return nil }
        // The nodes are read beforehand, because `body` may leave members out and so must not run while the parser is
        // accessed.
        let nodes = parser.nodes.base
        let outcome = source.withUnsafeReadableBytes { bytes -> Swift.Result<Result, Failure>? in
            guard let base = bytes.baseAddress else { return nil }
            do throws(Failure) {
                return .success(try body(nodes, base.assumingMemoryBound(to: UInt8.self)))
            } catch {
                return .failure(error)
            }
        }
        return try outcome?.get()
    }

    private func explain(_ fault: JSONFault) -> JSONError {
        let path = source.withUnsafeReadableBytes { bytes in
            JSONPath.describe(fault, parser: parser, source: bytes)
        }
        return JSONError(code: fault.code, offset: fault.offset, path: path)
    }
}
