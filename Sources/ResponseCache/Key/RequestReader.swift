/// What the gateway itself needs to know of a request's body. All else goes to the model unread.
public struct ReadRequest: Sendable {
    /// The model that is asked for, decoded; never empty.
    public let model: String
    /// The string literal of `model` in the body, with its quotes, to be replaced where the model's own name differs.
    public let modelLiteral: Range<Int>
    /// Whether the answer is to be a stream of events.
    public let stream: Bool
    /// The object of the client's cache controls, if there is one.
    public let cache: JSONNode?
    /// What to cut out of the body so that the model does not see `cache` and the rest is still an object: the member, one
    /// adjoining comma and the white space between. Nil if there is no such member; a `cache` of null is cut out too.
    public let cacheCut: Range<Int>?
    /// The value of `input`, whatever it is. Embeddings; see `JSONDocument.inputs(of:)`.
    public let input: JSONNode?
}

/// A body that is JSON, but no request.
public struct RequestError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Code: Sendable, Hashable, CaseIterable {
        case notAnObject
        case missing
        case empty
        case notAString
        case notABoolean
        case notAnObjectMember
        case nameTooLong
        /// A member's name differs only in the case of its letters from one that the gateway acts on.
        case wrongCase
    }

    public let code: Code
    /// The member at fault; empty if it is the body as a whole.
    public let member: String
    /// How many bytes of the body precede the value at fault, or, for a missing member, the object that lacks it.
    public let offset: Int

    public init(code: Code, member: String, offset: Int) {
        self.code = code
        self.member = member
        self.offset = offset
    }

    public var description: String {
        switch code {
        case .notAnObject: "the request body is not a JSON object: expected '{' at byte \(offset)"
        case .missing: "the request body has no member '\(member)'; it must name the model to ask"
        case .empty: "the member '\(member)' is an empty string at byte \(offset); it must name the model to ask"
        case .notAString: "the member '\(member)' must be a string at byte \(offset)"
        case .notABoolean: "the member '\(member)' must be true, false or null at byte \(offset)"
        case .notAnObjectMember: "the member '\(member)' must be an object or null at byte \(offset)"
        case .nameTooLong:
            "the member '\(member)' is longer than \(ReadRequest.longestModelName) bytes at byte \(offset)"
        case .wrongCase:
            "the member '\(member)' must be written '\(member.lowercased())' at byte \(offset): some servers take the two for one"
        }
    }
}

extension ReadRequest {
    /// The longest name of a model, in bytes of UTF-8.
    public static let longestModelName = 1024
}

extension JSONDocument {
    /// Reads the members of a request that the gateway acts on, in one pass over the outermost object.
    public func readRequest() throws(RequestError) -> ReadRequest {
        guard let root else { throw RequestError(code: .notAnObject, member: "", offset: 0) }
        let start = byteRange(of: root)?.lowerBound ?? 0
        guard kind(of: root) == .object else { throw RequestError(code: .notAnObject, member: "", offset: start) }

        var model: JSONNode?
        var stream: JSONNode?
        var cache: JSONNode?
        var cut: Range<Int>?
        var input: JSONNode?
        var previous: JSONMember?
        var cutReaches = false
        for member in members(of: root) {
            if cutReaches, let from = cut?.lowerBound, let name = byteRange(of: member.name) {
                // `cache` came first: the comma to cut is the one behind it.
                cut = from..<name.lowerBound
                cutReaches = false
            }
            switch try meaning(of: member.name) {
            case .model: model = member.value
            case .stream: stream = member.value
            case .cache:
                cache = member.value
                cut = self.cut(member, after: previous)
                cutReaches = previous == nil
            case .input: input = member.value
            case nil: break
            }
            previous = member
        }
        let (name, literal) = try readModel(model, objectAt: start)
        return ReadRequest(
            model: name,
            modelLiteral: literal,
            stream: try readStream(stream),
            cache: try readCache(cache),
            cacheCut: cut,
            input: input
        )
    }

    /// A member that the gateway acts on.
    private enum KnownMember {
        case model, stream, cache, input
    }

    /// What a member of the request is, by its name; nil for one that goes to the model unread.
    private func meaning(of name: JSONNode) throws(RequestError) -> KnownMember? {
        guard let tape = tapeNode(name) else { return nil }
        let length = Int(tape.end &- tape.start) &- 2
        // Nearly every other name is told from these by its length alone. `stream_options` has 14 bytes, and an escape makes a
        // name longer: six bytes for one at most.
        guard length == 5 || length == 6 || length == 14 || tape.escaped else { return nil }
        return try withTape { (_, bytes) throws(RequestError) in
            let text = tape.text(in: bytes)
            if text.equals("model") { return KnownMember.model }
            if text.equals("stream") { return .stream }
            if text.equals("cache") { return .cache }
            if text.equals("input") { return .input }
            for known: StaticString in ["model", "stream", "cache", "stream_options"]
            where text.equalsIgnoringCase(known) {
                if text.equals(known) { break }
                throw RequestError(code: .wrongCase, member: string(name) ?? "\(known)", offset: Int(tape.start))
            }
            return nil
        } ?? nil
    }

    /// The range of a member, from the end of the one before it if there is one, so that the comma between them goes too.
    private func cut(_ member: JSONMember, after previous: JSONMember?) -> Range<Int>? {
        guard let name = byteRange(of: member.name), let value = byteRange(of: member.value) else { return nil }
        let from = previous.flatMap { byteRange(of: $0.value)?.upperBound } ?? name.lowerBound
        return from..<value.upperBound
    }

    private func readModel(_ node: JSONNode?, objectAt start: Int) throws(RequestError) -> (String, Range<Int>) {
        guard let node, let range = byteRange(of: node) else {
            throw RequestError(code: .missing, member: "model", offset: start)
        }
        // An escape takes up to six bytes for one, so that a longer literal need not be decoded.
        let isDecodable = range.count <= 6 * ReadRequest.longestModelName + 2
        if kind(of: node) == .string, !isDecodable {
            throw RequestError(code: .nameTooLong, member: "model", offset: range.lowerBound)
        }
        guard let name = string(node) else {
            throw RequestError(code: .notAString, member: "model", offset: range.lowerBound)
        }
        guard name.utf8.count <= ReadRequest.longestModelName else {
            throw RequestError(code: .nameTooLong, member: "model", offset: range.lowerBound)
        }
        guard !name.isEmpty else { throw RequestError(code: .empty, member: "model", offset: range.lowerBound) }
        return (name, range)
    }

    private func readStream(_ node: JSONNode?) throws(RequestError) -> Bool {
        guard let node, kind(of: node) != .null else { return false }
        guard let stream = bool(node) else {
            throw RequestError(code: .notABoolean, member: "stream", offset: byteRange(of: node)?.lowerBound ?? 0)
        }
        return stream
    }

    private func readCache(_ node: JSONNode?) throws(RequestError) -> JSONNode? {
        guard let node, kind(of: node) != .null else { return nil }
        guard kind(of: node) == .object else {
            throw RequestError(code: .notAnObjectMember, member: "cache", offset: byteRange(of: node)?.lowerBound ?? 0)
        }
        return node
    }
}
