import HTTPSyntax
import JSON
import NIOCore
import ResponseCache
import Text

/// Reads what requests to remove entries ask for in their bodies.
enum RemovalRequest {
    /// A key of `POST /cache/delete` as it was given. `key` is nil where it is none of the gateway's own namespace.
    struct Key: Equatable {
        let text: String
        let key: CacheKey?
    }

    /// What `POST /cache/purge` asks for.
    struct Purge: Equatable {
        /// What is named. It is nil where everything before a time is.
        var scope: (kind: EntryLabel.Kind, name: String)?
        /// The time before which calls must have begun, as Unix time in milliseconds. It is nil for the present.
        var before: UInt64?
        var isDryRun = false

        static func == (left: Purge, right: Purge) -> Bool {
            left.scope?.kind == right.scope?.kind && left.scope?.name == right.scope?.name
                && left.before == right.before && left.isDryRun == right.isDryRun
        }
    }

    /// The most keys of one request.
    static let mostKeys = 1000
    /// The longest name of a model or tenant, in bytes.
    static let longestName = 512
    /// How far in the future a time may be, in milliseconds, because clocks differ. It counts as the present.
    static let longestLead: UInt64 = 60_000

    // MARK: Reading

    /// Reads the body of `POST /cache/delete`.
    ///
    /// - Parameter namespace: the configured namespace.
    static func delete(_ body: ByteBuffer, namespace: String?) throws(APIError) -> [Key] {
        let document = JSONDocument()
        let root = try object(body, document)
        var keys: [Key]?
        for member in document.members(of: root) {
            guard document.text(of: member.name, equals: "keys") else { throw unknown(member, document, "keys") }
            guard document.kind(of: member.value) == .array else { throw wrong("keys", "must be a list of keys") }
            var read: [Key] = []
            for element in document.elements(of: member.value) {
                guard read.count < mostKeys else { throw wrong("keys", "must not have more than \(mostKeys) keys") }
                let name = "keys[\(read.count)]"
                guard document.kind(of: element) == .string, let literal = document.byteRange(of: element),
                    literal.count <= longestKeyLiteral, let text = document.string(element)
                else { throw wrong(name, "must be a key, as x-litellm-cache-key has it") }
                read.append(Key(text: text, key: key(text, in: namespace)))
            }
            keys = read
        }
        guard let keys, !keys.isEmpty else { throw wrong("keys", "must be a list with at least one key") }
        return keys
    }

    /// The longest key that is read, in bytes.
    static let longestKeyLiteral = 1024

    /// The key that a text is. It is nil where the text is no key of the gateway's own namespace.
    static func key(_ text: String, in namespace: String?) -> CacheKey? {
        let own = Array(CacheKey.prefix(namespace: namespace, clientNamespace: nil).utf8)
        guard let key = CacheKey(text: text),
            key.prefix.utf8.elementsEqual(own) || key.prefix.utf8.starts(with: own + [colon])
        else { return nil }
        return key
    }

    private static let colon = UInt8(ascii: ":")

    /// Reads the body of `POST /cache/flushall`, which may be empty.
    static func flush(_ body: ByteBuffer) throws(APIError) {
        guard body.readableBytes > 0 else { return }
        let document = JSONDocument()
        let root = try object(body, document)
        for member in document.members(of: root) { throw unknown(member, document, "no members") }
    }

    /// Reads the body of `POST /cache/purge`.
    static func purge(_ body: ByteBuffer, at now: UInt64) throws(APIError) -> Purge {
        let document = JSONDocument()
        let root = try object(body, document)
        var purge = Purge()
        var isAboutTime = false
        for member in document.members(of: root) {
            if document.text(of: member.name, equals: "before") {
                purge.before = try time(member.value, document, at: now)
                isAboutTime = true
            } else if document.text(of: member.name, equals: "dry_run") {
                guard let isDryRun = document.bool(member.value) else {
                    throw wrong("dry_run", "must be true or false")
                }
                purge.isDryRun = isDryRun
            } else if let (kind, name) = kind(member, document) {
                guard purge.scope == nil else {
                    throw wrong(name, "cannot be beside another one of model, tenant and tag")
                }
                purge.scope = (kind, try text(member.value, name, kind, document))
            } else {
                throw unknown(member, document, "model, tenant, tag, before and dry_run")
            }
        }
        guard purge.scope != nil || isAboutTime else {
            throw .invalidRequest("the body must have one of the members model, tenant, tag and before")
        }
        return purge
    }

    private static func kind(_ member: JSONMember, _ document: JSONDocument) -> (EntryLabel.Kind, String)? {
        if document.text(of: member.name, equals: "model") { return (.model, "model") }
        if document.text(of: member.name, equals: "tenant") { return (.tenant, "tenant") }
        if document.text(of: member.name, equals: "tag") { return (.tag, "tag") }
        return nil
    }

    private static func text(
        _ node: JSONNode,
        _ member: String,
        _ kind: EntryLabel.Kind,
        _ document: JSONDocument
    ) throws(APIError) -> String {
        let longest = kind == .tag ? CacheControls.longestTag : longestName
        // An escape takes up to six bytes for one byte of content, so a longer literal need not be decoded.
        guard document.kind(of: node) == .string, let literal = document.byteRange(of: node),
            literal.count <= 6 * longest + 2, let text = document.string(node), (1...longest).contains(text.utf8.count)
        else { throw wrong(member, "must be a string of 1 to \(longest) bytes") }
        return text
    }

    /// - Returns: nil for the present.
    private static func time(_ node: JSONNode, _ document: JSONDocument, at now: UInt64) throws(APIError) -> UInt64? {
        let form = "must be 'now', a time such as '2026-11-27T18:40:00Z', or a number of seconds since 1970"
        var time: UInt64?
        switch document.kind(of: node) {
        case .number:
            guard let seconds = document.double(node), seconds >= 0, seconds < 1e11 else { throw wrong("before", form) }
            time = UInt64((seconds * 1000).rounded())
        case .string:
            guard let literal = document.byteRange(of: node), literal.count <= 64, let text = document.string(node)
            else {
                throw wrong("before", form)
            }
            if text.utf8.elementsEqual("now".utf8) { return nil }
            time = InternetTime.milliseconds(text.utf8)
        default: break
        }
        guard let time else { throw wrong("before", form) }
        guard time <= now + longestLead else { throw wrong("before", "must not be in the future") }
        return time > now ? nil : time
    }

    private static func object(_ body: ByteBuffer, _ document: JSONDocument) throws(APIError) -> JSONNode {
        do throws(JSONError) {
            try document.parse(body, nodeLimit: 4 * mostKeys)
        } catch {
            throw .invalidRequest("\(error)", parameter: error.path.isEmpty ? nil : error.path, code: "invalid_json")
        }
        guard let root = document.root, document.kind(of: root) == .object else {
            throw .invalidRequest("the body must be an object of JSON", code: "invalid_json")
        }
        return root
    }

    private static func wrong(_ member: String, _ expected: String) -> APIError {
        .invalidRequest("the member '\(member)' \(expected)", parameter: member)
    }

    private static func unknown(_ member: JSONMember, _ document: JSONDocument, _ known: String) -> APIError {
        let isShort = (document.byteRange(of: member.name)?.count ?? .max) <= 256
        let name = isShort ? document.string(member.name) ?? "" : "(a long name)"
        return .invalidRequest("the member '\(name.quotable)' is unknown; there are \(known)", parameter: name.quotable)
    }
}
