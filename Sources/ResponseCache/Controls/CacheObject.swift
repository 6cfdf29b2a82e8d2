public import JSON

/// An invalid member of the `cache` object, which the client is answered with status 400.
public struct CacheControlsError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, for programs.
    public enum Code: UInt8, Sendable, CaseIterable {
        case notAnObject
        case notABoolean
        case notANumber
        case negative
        case notAString
        case namespaceLength
        case notAListOfTags
        case tooManyTags
        case tagLength
        /// The name of a member is too long.
        case nameTooLong
    }

    /// What is wrong.
    public let code: Code
    /// The name of the member, such as `cache.ttl`.
    public let member: String
    /// How many bytes of the body precede the invalid value.
    public let offset: Int

    public var description: String {
        let expected =
            switch code {
            case .notAnObject: "must be an object or null"
            case .notABoolean: "must be true, false or null"
            case .notANumber: "must be a number of seconds or null"
            case .negative: "must not be negative"
            case .notAString: "must be a string or null"
            case .namespaceLength: "must be 1 to \(CacheControls.longestNamespace) bytes long"
            case .notAListOfTags: "must be a list of strings or null"
            case .tooManyTags: "must not have more than \(CacheControls.mostTags) tags"
            case .tagLength: "must have tags of 1 to \(CacheControls.longestTag) bytes"
            case .nameTooLong: "must not have a member whose name is longer than \(CacheControls.longestName) bytes"
            }
        return "the member '\(member)' \(expected) at byte \(offset)"
    }
}

extension CacheControls {
    /// The longest namespace of a client, in bytes of UTF-8.
    public static let longestNamespace = 256
    /// The longest name of a member of `cache`, in bytes as it is written.
    public static let longestName = 64

    /// Reads the `cache` object of a request's body. A nil object is read as an empty one.
    ///
    /// A member that is null is treated as absent. Unknown members are ignored, as LiteLLM does.
    public init(object: JSONNode?, in body: JSONDocument) throws(CacheControlsError) {
        guard let object, body.kind(of: object) != .null else { return }
        guard body.kind(of: object) == .object else {
            throw CacheControlsError(.notAnObject, "cache", object, in: body)
        }
        for member in body.members(of: object) {
            guard let name = body.byteRange(of: member.name), name.count - 2 <= CacheControls.longestName else {
                throw CacheControlsError(.nameTooLong, "cache", member.name, in: body)
            }
            if body.kind(of: member.value) != .null { try read(member, in: body) }
        }
    }

    private mutating func read(_ member: JSONMember, in body: JSONDocument) throws(CacheControlsError) {
        let value = member.value
        func isNamed(_ name: StaticString) -> Bool { body.text(of: member.name, equals: name) }
        if isNamed("ttl") {
            timeToLive = try CacheControls.seconds(value, "cache.ttl", in: body)
        } else if isNamed("s-maxage") {
            restrict(maxAge: try CacheControls.seconds(value, "cache.s-maxage", in: body))
        } else if isNamed("s-max-age") {
            restrict(maxAge: try CacheControls.seconds(value, "cache.s-max-age", in: body))
        } else if isNamed("no-cache") {
            noCache = try CacheControls.flag(value, "cache.no-cache", in: body)
        } else if isNamed("no-store") {
            noStore = try CacheControls.flag(value, "cache.no-store", in: body)
        } else if isNamed("use-cache") {
            useCache = try CacheControls.flag(value, "cache.use-cache", in: body)
        } else if isNamed("namespace") {
            namespace = try CacheControls.namespace(value, in: body)
        } else if isNamed("tags") {
            tags = try CacheControls.tags(value, in: body)
        }
    }

    private static func tags(_ node: JSONNode, in body: JSONDocument) throws(CacheControlsError) -> [[UInt8]] {
        guard body.kind(of: node) == .array else {
            throw CacheControlsError(.notAListOfTags, "cache.tags", node, in: body)
        }
        var tags: [[UInt8]] = []
        for element in body.elements(of: node) {
            guard tags.count < mostTags else { throw CacheControlsError(.tooManyTags, "cache.tags", element, in: body) }
            // An escape takes up to six bytes for one byte of content, so a longer literal need not be decoded.
            guard body.kind(of: element) == .string, let literal = body.byteRange(of: element) else {
                throw CacheControlsError(.notAListOfTags, "cache.tags", element, in: body)
            }
            guard literal.count <= 6 * longestTag + 2, let tag = body.string(element).map({ Array($0.utf8) }),
                (1...longestTag).contains(tag.count)
            else { throw CacheControlsError(.tagLength, "cache.tags", element, in: body) }
            tags.append(tag)
        }
        return tags
    }

    private static func flag(_ node: JSONNode, _ member: String, in body: JSONDocument) throws(CacheControlsError)
        -> Bool
    {
        guard let value = body.bool(node) else { throw CacheControlsError(.notABoolean, member, node, in: body) }
        return value
    }

    private static func seconds(
        _ node: JSONNode,
        _ member: String,
        in body: JSONDocument
    ) throws(CacheControlsError) -> UInt64 {
        guard body.kind(of: node) == .number else { throw CacheControlsError(.notANumber, member, node, in: body) }
        // A number too large to be finite is a very long time.
        guard let seconds = body.double(node) else { return Milliseconds.longest }
        guard let milliseconds = Milliseconds.from(seconds: seconds) else {
            throw CacheControlsError(.negative, member, node, in: body)
        }
        return milliseconds
    }

    private static func namespace(_ node: JSONNode, in body: JSONDocument) throws(CacheControlsError) -> String {
        // An escape takes up to six bytes for one byte of content, so a longer literal need not be decoded.
        if body.kind(of: node) == .string, let literal = body.byteRange(of: node),
            literal.count > 6 * longestNamespace + 2
        {
            throw CacheControlsError(.namespaceLength, "cache.namespace", node, in: body)
        }
        guard let namespace = body.string(node) else {
            throw CacheControlsError(.notAString, "cache.namespace", node, in: body)
        }
        guard (1...longestNamespace).contains(namespace.utf8.count) else {
            throw CacheControlsError(.namespaceLength, "cache.namespace", node, in: body)
        }
        return namespace
    }
}

extension CacheControlsError {
    init(_ code: Code, _ member: String, _ node: JSONNode, in body: JSONDocument) {
        self.init(code: code, member: member, offset: body.byteRange(of: node)?.lowerBound ?? 0)
    }
}
