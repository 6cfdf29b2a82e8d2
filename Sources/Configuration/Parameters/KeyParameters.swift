import Text

/// An entry of `general_settings.keys` as far as it was read.
struct KeyDraft {
    var name: (text: String, position: SourcePosition)?
    var key: (secret: Secret, position: SourcePosition)?
    var digest: (bytes: [UInt8], position: SourcePosition)?
    var models: [KeySettings.Model]?
    var cacheScope: KeySettings.CacheScope?
    var cacheControls: [ClientControl]?
    var longestTimeToLive: Double?
    var requestsPerMinute: Int?
    var parallelRequests: Int?
    var expiry: Expiry?
}

extension Section where Target == KeyDraft {
    static let key = Section(
        "keys",
        [
            SectionParameter(
                "name",
                "name",
                "The tenant, for whom logs and `POST /cache/purge` have this name: letters, digits, `.`, `_`, `@` and `-`."
            ) { member, draft, context in
                draft.name = context.tenantName(member).map { ($0, member.value.position) }
            },
            SectionParameter("key", "secret", "What its clients present, at most 512 bytes. Or `key_sha256`.") {
                member,
                draft,
                context in
                draft.key = context.key(member).map { ($0, member.value.position) }
            },
            SectionParameter(
                "key_sha256",
                "64 hexadecimal digits",
                "The SHA-256 of the key, so that the file holds no secret. `gateway keys new` makes both."
            ) { member, draft, context in
                draft.digest = context.digest(member).map { ($0, member.value.position) }
            },
            SectionParameter(
                "models",
                "list of names",
                "The models that may be requested; `*` stands for any part of a name. Default: all."
            ) { member, draft, context in
                draft.models = context.modelNames(member)
            },
            SectionParameter(
                "cache_scope",
                "`own` or `shared`",
                "Whose cached answers are seen: the tenant's `own`, or those of the master key and of all keys that are "
                    + "`shared`. Default: own."
            ) { member, draft, context in
                let word = context.word(member, among: KeySettings.CacheScope.allCases.map(\.rawValue))
                draft.cacheScope = word.flatMap { KeySettings.CacheScope(rawValue: $0) }
            },
            SectionParameter(
                "allowed_cache_controls",
                "list",
                "The controls of the cache that requests may have, in the body's `cache` object or in Cache-Control; others "
                    + "are answered with 403: "
                    + ClientControl.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")
                    + ". Default: all. An empty list allows none."
            ) { member, draft, context in
                draft.cacheControls = context.cacheControls(member)
            },
            .seconds(
                "max_ttl",
                \.longestTimeToLive,
                "The longest `ttl` that a request may ask for; a longer one counts as this. Default: no limit."
            ),
            .count(
                "rpm",
                \.requestsPerMinute,
                from: 1,
                upTo: 10_000_000,
                "Requests in a minute, those that the cache answers too; more are answered with 429. Default: no limit."
            ),
            .count(
                "max_parallel_requests",
                \.parallelRequests,
                from: 1,
                upTo: 1_000_000,
                "Requests at a time; more are answered with 429. Default: no limit."
            ),
            SectionParameter(
                "expires",
                "date or time",
                "When the key ends (RFC 3339): with that day in UTC, as in `2027-12-31`, or at that time, as in "
                    + "`2027-12-31T18:00:00Z`. Then 401. Default: never."
            ) { member, draft, context in
                draft.expiry = context.expiry(member)
            },
        ],
        isStrict: true
    )
}

extension SectionParameter where Target == SettingsDraft.GeneralDraft {
    static let keys = SectionParameter(
        "keys",
        "list",
        "Further keys for clients, each with what its holders may do. The master key administers.",
        isResolved: false
    ) { member, draft, context in
        draft.keys = context.keys(member)
    }
}

extension ReadingContext {
    fileprivate mutating func keys(_ member: YAMLMember) -> [KeySettings] {
        guard case .sequence(let items) = member.value.content else {
            error(member.value.position, "'\(member.key)'\(place) must be a list of mappings, not \(member.value.kind)")
            return []
        }
        var keys: [KeySettings] = []
        // A set, since there may be thousands. Names are short and in ASCII.
        var lines: [String: Int] = [:]
        for item in items {
            guard case .mapping = item.content else {
                error(item.position, "an entry of '\(member.key)'\(place) must be a mapping, not \(item.kind)")
                continue
            }
            var draft = KeyDraft()
            Section<KeyDraft>.key.read(item, into: &draft, context: &self)
            if item["name"] == nil { error(item.position, "this entry of keys has no 'name'") }
            switch (item["key"], item["key_sha256"]) {
            case (nil, nil): error(item.position, "this entry of keys has neither 'key' nor 'key_sha256'")
            case (.some, .some(let digest)):
                error(digest.position, "this entry of keys has 'key' and 'key_sha256'; remove one of them")
                continue
            default: break
            }
            if let name = draft.name {
                if let line = lines[name.text] {
                    error(name.position, "the name '\(name.text)' has been given to the key on line \(line) already")
                    continue
                }
                lines[name.text] = name.position.line
            }
            if let settings = draft.settings { keys.append(settings) }
        }
        return keys
    }

    /// The name of a tenant stands in logs, labels and answers.
    fileprivate mutating func tenantName(_ member: YAMLMember) -> String? {
        guard let name = name(member) else { return nil }
        guard KeySettings.isName(name) else {
            error(
                member.value.position,
                "'name'\(place) must be 1 to \(KeySettings.longestName) letters, digits, '.', '_', '@' or '-'"
            )
            return nil
        }
        guard name != KeySettings.masterName else {
            error(member.value.position, "'name'\(place) cannot be '\(name)', which is the tenant of the master key")
            return nil
        }
        return name
    }

    fileprivate mutating func key(_ member: YAMLMember) -> Secret? {
        guard let text = name(member) else { return nil }
        guard text.utf8.count <= KeySettings.longestKey, !text.utf8.contains(0x20) else {
            error(
                member.value.position,
                "'key'\(place) must be at most \(KeySettings.longestKey) bytes without a space; 'gateway keys new' makes one"
            )
            return nil
        }
        return Secret(text)
    }

    fileprivate mutating func digest(_ member: YAMLMember) -> [UInt8]? {
        guard case .scalar(let scalar) = member.value.content, scalar.text.utf8.count == 64,
            let digest = SecretKey(scalar.text)
        else {
            error(
                member.value.position,
                "'key_sha256'\(place) must be 64 hexadecimal digits; make them with: printf %s KEY | sha256sum"
            )
            return nil
        }
        return digest.bytes
    }

    fileprivate mutating func modelNames(_ member: YAMLMember) -> [KeySettings.Model]? {
        guard let items = items(member, "a list of names, such as [gpt-4o, 'claude-*']") else { return nil }
        return items.compactMap { item in name(item).map { KeySettings.Model($0, at: item.value.position) } }
    }

    fileprivate mutating func cacheControls(_ member: YAMLMember) -> [ClientControl]? {
        let names = ClientControl.allCases.map(\.rawValue)
        guard let items = items(member, "a list of names, such as [ttl, no-cache]") else { return nil }
        return items.compactMap { item in word(item, among: names).flatMap { ClientControl(rawValue: $0) } }
    }

    private mutating func items(_ member: YAMLMember, _ expected: String) -> [YAMLMember]? {
        guard case .sequence(let items) = member.value.content else {
            error(member.value.position, "'\(member.key)'\(place) must be \(expected), not \(member.value.kind)")
            return nil
        }
        return items.map { YAMLMember(key: member.key, keyPosition: $0.position, value: $0) }
    }

    fileprivate mutating func expiry(_ member: YAMLMember) -> Expiry? {
        guard let text = name(member) else { return nil }
        guard let expiry = Expiry(text) else {
            error(
                member.value.position,
                "'expires'\(place) must be a date or a time with its zone, such as 2027-12-31 or 2027-12-31T18:00:00Z"
            )
            return nil
        }
        return expiry
    }
}

extension KeySettings {
    /// The longest name of a tenant, in bytes.
    public static let longestName = 64

    /// Whether a text can be the name of a tenant, apart from that of the master key: 1 to 64 letters, digits, `.`, `_`,
    /// `@` or `-`.
    public static func isName(_ text: String) -> Bool {
        (1...longestName).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                default: "._@-".utf8.contains(byte)
                }
            }
    }

    /// The longest key, in bytes.
    public static let longestKey = 512
    /// The tenant of the master key.
    public static let masterName = "master"
}

extension KeyDraft {
    /// The settings. They are nil where the name or the key is missing or wrong, which has been reported.
    fileprivate var settings: KeySettings? {
        let given = digest.map { (KeySettings.Credential.digest($0.bytes), $0.position) }
        guard let name, let credential = given ?? key.map({ (.key($0.secret), $0.position) }) else { return nil }
        var settings = KeySettings(
            name: name.text,
            credential: credential.0,
            namePosition: name.position,
            credentialPosition: credential.1
        )
        settings.models = models
        settings.cacheScope = cacheScope ?? .own
        settings.cacheControls = cacheControls
        settings.longestTimeToLive = longestTimeToLive
        settings.requestsPerMinute = requestsPerMinute
        settings.parallelRequests = parallelRequests
        settings.expiry = expiry
        return settings
    }
}
