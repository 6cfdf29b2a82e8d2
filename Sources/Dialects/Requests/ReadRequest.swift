public import JSON

/// What the gateway itself needs to know about a request's body. Everything else is sent to the model unread.
public struct ReadRequest: Sendable {
    /// The name of the requested model, decoded. It is empty where the request names none and need not name one.
    public let model: String
    /// Where the model's name stands in the body, or is to stand.
    public enum ModelPlace: Sendable, Hashable {
        /// The range of the string literal, including its quotes. The literal is replaced where the upstream knows the
        /// model by another name.
        case literal(Range<Int>)
        /// The request names the model elsewhere, or names none. The member is appended to the object whose closing
        /// brace is at `end`, and of which `hasMembers` says whether members are left after the cuts.
        case missing(end: Int, hasMembers: Bool)
        /// The request names no model, and none is added.
        case none
        /// The request is a form, and the range is the content of the part that names the model. It is nil where there is
        /// none, and then none is added.
        case form(Range<Int>?)
    }

    /// Where the model's name stands in the body.
    public let modelPlace: ModelPlace
    /// Whether the answer is to be a stream of events.
    public let isStream: Bool
    /// The object that contains the client's cache controls, if there is one.
    public let cache: JSONNode?
    /// Whether `caching` is false, so that the cache is neither read nor written.
    public let isCachingOff: Bool
    /// The client's own key, a string of 1 to `longestCacheKey` bytes. It is nil where the request has none.
    public let cacheKey: JSONNode?
    /// The ranges to cut out of the body so that the model does not see the members that are meant for the gateway
    /// alone, such as `cache` and `caching`. Each range covers such a member, one adjoining comma and the white space
    /// between them, so that the rest is still an object. The ranges are in order and do not touch. A member whose
    /// value is null is cut out like any other.
    public let cuts: [Range<Int>]
    /// The value of `input`, whatever its type. It is used for embeddings; see `JSONDocument.inputs(of:)`.
    public let input: JSONNode?
}

/// The error for a body that is JSON but not a valid request.
public struct RequestError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, for programs.
    public enum Code: Sendable, Hashable, CaseIterable {
        case notAnObject
        case missing
        case empty
        case notAString
        case notABoolean
        case notAnObjectMember
        case nameTooLong
        /// The client's key for the cache is empty or too long.
        case cacheKeyLength
        /// A member's name differs only in the case of its letters from a name that the gateway acts on.
        case wrongCase
    }

    /// What is wrong.
    public let code: Code
    /// The member at fault. It is empty where the body as a whole is at fault.
    public let member: String
    /// How many bytes of the body precede the value at fault, or the object that lacks a missing member.
    public let offset: Int

    /// Makes an error from what is wrong with a member and the position of that member.
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
        case .cacheKeyLength:
            "the member '\(member)' must be 1 to \(ReadRequest.longestCacheKey) bytes long at byte \(offset)"
        case .wrongCase:
            "the member '\(member)' must be written '\(member.lowercased())' at byte \(offset): some servers take the two for one"
        }
    }
}

extension ReadRequest {
    /// The length of the longest allowed model name, in bytes of UTF-8.
    public static let longestModelName = 1024
    /// The length of the longest allowed `cache_key`, in bytes of UTF-8.
    public static let longestCacheKey = 1024
}

extension JSONDocument {
    /// Reads the members of a request that the gateway acts on, in one pass over the outermost object. From then on,
    /// the canonical form of the document leaves out the members that make no difference to the answer.
    ///
    /// - Parameters:
    ///   - form: the form that says which role each member has for the gateway.
    ///   - pathModel: the model that the request names in its path, which counts more than one in the body.
    public func readRequest(_ form: RequestForm, pathModel: String? = nil) throws(RequestError) -> ReadRequest {
        guard let root else { throw RequestError(code: .notAnObject, member: "", offset: 0) }
        let start = byteRange(of: root)?.lowerBound ?? 0
        guard kind(of: root) == .object else { throw RequestError(code: .notAnObject, member: "", offset: start) }

        var model: JSONNode?
        var stream: JSONNode?
        var cache: JSONNode?
        var caching: JSONNode?
        var cacheKey: JSONNode?
        var input: JSONNode?
        var cuts = MemberCuts()
        var wrongCase: JSONNode?
        forEachMember(of: root) { name, member in
            var role = form.member(name)
            if case .other = role, wrongCase == nil, name.isKnownInWrongCase { wrongCase = member.name }
            switch role {
            case .model: model = member.value
            case .stream: stream = member.value
            case .cache: cache = member.value
            case .caching: caching = member.value
            case .cacheKey: cacheKey = member.value
            case .metadata: role = form.metadata(self, member.value)
            case .input: input = member.value
            case .delivery, .gatewayOnly, .other: break
            }
            if role.isOmittedFromKey { leaveOut(memberWithValue: member.value) }
            cuts.pass(member, isCut: role.isCut, of: self)
        }
        if let wrongCase {
            throw RequestError(
                code: .wrongCase,
                member: string(wrongCase) ?? "",
                offset: byteRange(of: wrongCase)?.lowerBound ?? 0
            )
        }
        let name: String
        var place = ReadRequest.ModelPlace.missing(
            end: (byteRange(of: root)?.upperBound ?? 1) - 1,
            hasMembers: cuts.hasKept
        )
        if let given = pathModel ?? (model == nil ? form.defaultModel : nil) {
            name = given
            if let range = model.flatMap({ byteRange(of: $0) }) { place = .literal(range) }
        } else if form.mayNameNoModel, model == nil {
            (name, place) = ("", .none)
        } else {
            let (read, literal) = try readModel(model, objectAt: start)
            (name, place) = (read, .literal(literal))
        }
        return ReadRequest(
            model: name,
            modelPlace: place,
            isStream: try readFlag(stream, "stream") ?? false,
            cache: try readCache(cache),
            isCachingOff: try readFlag(caching, "caching") == false,
            cacheKey: try readCacheKey(cacheKey),
            cuts: cuts.ranges,
            input: input
        )
    }

    private func readModel(_ node: JSONNode?, objectAt start: Int) throws(RequestError) -> (String, Range<Int>) {
        guard let node, let range = byteRange(of: node) else {
            throw RequestError(code: .missing, member: "model", offset: start)
        }
        // An escape takes at most six bytes for one byte of the name, so a longer literal need not be decoded.
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

    /// The result is nil where the member is absent or null.
    private func readFlag(_ node: JSONNode?, _ member: String) throws(RequestError) -> Bool? {
        guard let node, kind(of: node) != .null else { return nil }
        guard let flag = bool(node) else {
            throw RequestError(code: .notABoolean, member: member, offset: byteRange(of: node)?.lowerBound ?? 0)
        }
        return flag
    }

    private func readCacheKey(_ node: JSONNode?) throws(RequestError) -> JSONNode? {
        guard let node, kind(of: node) != .null else { return nil }
        let range = byteRange(of: node) ?? 0..<0
        guard kind(of: node) == .string else {
            throw RequestError(code: .notAString, member: "cache_key", offset: range.lowerBound)
        }
        // An escape takes at most six bytes for one byte of the key, so a longer literal need not be decoded.
        guard range.count <= 6 * ReadRequest.longestCacheKey + 2, let key = string(node),
            (1...ReadRequest.longestCacheKey).contains(key.utf8.count)
        else { throw RequestError(code: .cacheKeyLength, member: "cache_key", offset: range.lowerBound) }
        return node
    }

    private func readCache(_ node: JSONNode?) throws(RequestError) -> JSONNode? {
        guard let node, kind(of: node) != .null else { return nil }
        guard kind(of: node) == .object else {
            throw RequestError(code: .notAnObjectMember, member: "cache", offset: byteRange(of: node)?.lowerBound ?? 0)
        }
        return node
    }
}

/// Finds the ranges to cut out of an object so that some members are removed and the rest is still an object.
private struct MemberCuts {
    private(set) var ranges: [Range<Int>] = []
    /// Where a cut that has no kept member before it begins. It extends to the next kept member, so that the comma
    /// between them is cut out too.
    private var open: Int?
    /// Whether a member is left in the object.
    private(set) var hasKept = false
    private var previous: JSONMember?

    /// Takes the next member of the object. This costs very little where the member is kept.
    mutating func pass(_ member: JSONMember, isCut: Bool, of document: JSONDocument) {
        if open != nil { close(before: member, of: document) }
        if !isCut {
            hasKept = true
        } else if let name = document.byteRange(of: member.name), let value = document.byteRange(of: member.value) {
            if hasKept, let previous, let before = document.byteRange(of: previous.value) {
                add(before.upperBound..<value.upperBound)
            } else {
                open = name.lowerBound
            }
        }
        previous = member
    }

    private mutating func close(before member: JSONMember, of document: JSONDocument) {
        guard let start = open, let name = document.byteRange(of: member.name) else { return }
        open = nil
        add(start..<name.lowerBound)
    }

    private mutating func add(_ range: Range<Int>) {
        if let last = ranges.last, last.upperBound == range.lowerBound {
            ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
        } else {
            ranges.append(range)
        }
    }
}

extension JSONText {
    /// Whether the text differs only in the case of its letters from a name that the gateway acts on. The caller has
    /// checked that the gateway does not know the text itself.
    fileprivate var isKnownInWrongCase: Bool {
        // The length alone rules out nearly every other name. An escape makes a name longer, by at most six bytes for
        // one.
        guard count == 5 || count == 6 || count == 14 || escaped else { return false }
        for known: StaticString in ["model", "stream", "cache", "stream_options"] where equalsIgnoringCase(known) {
            return true
        }
        return false
    }
}
