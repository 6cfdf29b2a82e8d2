import CallTypes
import Text

extension Section where Target == CacheDraft {
    /// `cache_params`: the keys of the gateway itself. All other keys go to the plugin.
    static let cacheParams = Section(
        "cache_params",
        [
            SectionParameter(
                "type",
                "name",
                "The backend, `libgateway-cache-<type>.so`. Default: `redis` where one is named, else `local`."
            ) {
                member,
                draft,
                context in
                draft.typePosition = member.value.position
                draft.type = context.cacheType(member)
            },
            SectionParameter(
                "mode",
                "`default_on` or `default_off`",
                "With `default_off` only requests with `use-cache` are cached."
            ) {
                member,
                draft,
                context in
                draft.isOptIn = context.word(member, among: ["default_on", "default_off"]).map { $0 == "default_off" }
            },
            SectionParameter("namespace", "name", "Prefix that separates entries of gateways that share a backend.") {
                member,
                draft,
                context in
                draft.namespace = context.namespace(member)
                draft.namespacePosition = member.value.position
            },
            .seconds(
                "ttl",
                \.ttl,
                "How long an answer stays fresh where the request does not say. Default: the backend's."
            ),
            .seconds("default_in_memory_ttl", \.localTTL, "Overrides `ttl` where the backend is `local`."),
            .seconds("default_in_redis_ttl", \.redisTTL, "Overrides `ttl` where the backend is `redis`."),
            SectionParameter(
                "supported_call_types",
                "list of call types",
                "What is cached. Default: everything but images and audio; `[]` caches nothing."
            ) {
                member,
                draft,
                context in
                draft.callTypes = context.callTypes(member)
            },
            .flag(
                "cache_stateful",
                \.cachesStateful,
                "Also cache answers that continue an earlier answer (`previous_response_id`). The provider may have deleted that one meanwhile. Default: false."
            ),
            SectionParameter(
                "cache_tools",
                "list of names",
                "Types of tools run by the provider, such as `web_search`, that do not keep an answer from being cached. Default: none."
            ) {
                member,
                draft,
                context in
                draft.cachedTools = context.texts(member, of: "cache_params", example: "[web_search]")
            },
            SectionParameter("max_entry_size", "size", "Larger answers are not stored. Default: 8MB.") {
                member,
                draft,
                context in
                draft.maxEntrySize = context.bytes(member)
            },
            .seconds("lookup_timeout", \.lookupTimeout, "How long a request waits for the backend. Default: 250ms."),
            .seconds(
                "purge_interval",
                \.purgeInterval,
                "How long it may take until a purge of another gateway is noticed. The record of purges is read this often, with a look-up. Default: 500ms, and 10s where the backend is `s3`."
            ),
            .seconds(
                "stale_while_revalidate",
                \.staleWhileRevalidate,
                "How long an answer past its time is served while it is refreshed in the background. Default: 0."
            ),
            .seconds(
                "stale_if_error",
                \.staleIfError,
                "How long an answer past its time is served when the model fails or answers 429 or 5xx. Default: 0."
            ),
            SectionParameter(
                "on_disconnect",
                "`auto`, `finish` or `cancel`",
                "Whether a call goes on, to fill the cache, when no client waits for it any more. `auto`: where half a typical answer has come."
            ) {
                member,
                draft,
                context in
                draft.onDisconnect = context.word(member, among: CacheSettings.OnDisconnect.allCases.map(\.rawValue))
                    .flatMap(CacheSettings.OnDisconnect.init)
            },
            SectionParameter(
                "stream_replay",
                "`fast` or `recorded`",
                "Replay recorded streams as fast as the client reads, or with the gaps that they came with. Default: `fast`."
            ) {
                member,
                draft,
                context in
                draft.replay = context.word(member, among: CacheSettings.Replay.allCases.map(\.rawValue))
                    .flatMap(CacheSettings.Replay.init)
            },
            SectionParameter(
                "entry_keys",
                "list of keys",
                "Seals entries, so that who can write to the backend cannot make them up. The first key seals, all open. Each is 32 bytes: 44 characters of base64, as `openssl rand -base64 32` prints them, or 64 hexadecimal digits."
            ) {
                member,
                draft,
                context in
                draft.entryKeys = context.secretKeys(member)
            },
            SectionParameter(
                "plugin_sha256",
                "64 hexadecimal digits",
                "The SHA-256 digest that the plugin's file must have, as `gateway plugins list` prints it. Another file is not loaded."
            ) {
                member,
                draft,
                context in
                draft.pin = context.digest(member).map { PluginPin(sha256: $0, position: member.value.position) }
            },
        ],
        others: { member, remarks, draft in
            draft.parameters.append(PluginParameter(member, remarks: remarks))
        }
    )
}

extension PluginParameter {
    fileprivate init(_ member: YAMLMember, remarks: [Diagnostic]) {
        let text: String? = if case .scalar(let scalar) = member.value.content { scalar.text } else { nil }
        self.init(
            name: member.key,
            value: member.value.value,
            text: text,
            keyPosition: member.keyPosition,
            valuePosition: member.value.position,
            remarks: remarks
        )
    }
}

extension ReadingContext {
    fileprivate mutating func cacheType(_ member: YAMLMember) -> String? {
        guard let text = text(member) else { return nil }
        let lowercase = UInt8(ascii: "a")...UInt8(ascii: "z")
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        let isName = text.utf8.allSatisfy { byte in
            lowercase.contains(byte) || digits.contains(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
        }
        if isName, let first = text.utf8.first, lowercase.contains(first), text.utf8.count <= 32 { return text }
        error(
            member.value.position,
            "'type' in cache_params must be a name of at most 32 lower-case letters, digits, '-' and '_', beginning with a letter"
        )
        return nil
    }

    fileprivate mutating func digest(_ member: YAMLMember) -> String? {
        guard let text = text(member) else { return nil }
        let isDigest =
            text.utf8.count == 64
            && text.utf8.allSatisfy { (48...57).contains($0) || (65...70).contains($0) || (97...102).contains($0) }
        if isDigest { return text }
        error(
            member.value.position,
            "'plugin_sha256' in cache_params must be 64 hexadecimal digits, as 'gateway plugins list' prints them"
        )
        return nil
    }

    fileprivate mutating func namespace(_ member: YAMLMember) -> String? {
        guard let text = text(member) else { return nil }
        let punctuation = Set("._:/-".utf8)
        let isName = text.utf8.allSatisfy { byte in
            punctuation.contains(byte) || (byte < 0x80 && Character(Unicode.Scalar(byte)).isLetterOrDigit)
        }
        if isName, text.utf8.count <= 128 { return text }
        error(
            member.value.position,
            "'namespace' in cache_params must be at most 128 letters, digits and '.', '_', ':', '/', '-'"
        )
        return nil
    }

    /// Reads a list of texts.
    fileprivate mutating func texts(_ member: YAMLMember, of section: String, example: String) -> [String]? {
        guard case .sequence(let items) = member.value.content else {
            error(
                member.value.position,
                "'\(member.key)' in \(section) must be a list such as \(example), not \(member.value.kind)"
            )
            return nil
        }
        return items.compactMap { text(YAMLMember(key: member.key, keyPosition: member.keyPosition, value: $0)) }
    }

    fileprivate mutating func callTypes(_ member: YAMLMember) -> CallTypeSet? {
        guard case .sequence(let items) = member.value.content else {
            error(
                member.value.position,
                "'supported_call_types' in cache_params must be a list such as [acompletion, aembedding], not \(member.value.kind)"
            )
            return nil
        }
        var types = CallTypeSet()
        for item in items {
            let entry = YAMLMember(key: member.key, keyPosition: member.keyPosition, value: item)
            guard let name = text(entry) else { continue }
            if let type = calls.type(configuredAs: name) {
                types.insert(type)
            } else {
                let names = calls.configuredNames.sorted()
                let nearest = NearestName.nearest(to: name, among: names)
                let hint = nearest.map { "did you mean '\($0)'? Valid" } ?? "valid"
                let valid = names.joined(separator: ", ")
                error(item.position, "unknown call type \(quoted(item)); \(hint): \(valid)")
            }
        }
        return types
    }
}

extension Character {
    fileprivate var isLetterOrDigit: Bool { isLetter || isNumber }
}
