import Text

extension Section where Target == ModelCacheSettings {
    /// The parameters of `cache` in an entry of `model_list`.
    static let modelCache = Section(
        "cache",
        [
            SectionParameter(
                "mode",
                "`default_on`, `default_off` or `off`",
                "Which requests are cached: all, those with `use-cache`, or none. Default: as `mode` in `cache_params`."
            ) { member, draft, context in
                let word = context.word(member, among: ModelCacheSettings.Mode.allCases.map(\.rawValue))
                draft.mode = word.flatMap { ModelCacheSettings.Mode(rawValue: $0) }
            },
            .seconds(
                "ttl",
                \.ttl,
                "How long an answer stays fresh, where the request does not say. Default: as `ttl` in `cache_params`."
            ),
            .section(.cacheConditions, \.conditions, "Conditions, all of which a request must meet to be cached."),
            SectionParameter(
                "ignore_members",
                "list of names",
                "Members of the body that are not part of the key, such as `user`: requests that differ only there share an "
                    + "answer, which was made for one of them."
            ) { member, draft, context in
                draft.ignoredMembers = context.ignoredMembers(member)
            },
        ],
        isStrict: true
    )
}

extension Section where Target == ModelCacheSettings.Conditions {
    static let cacheConditions = Section(
        "only_if",
        [
            SectionParameter(
                "max_temperature",
                "number",
                "The greatest `temperature`. A request without one has that of `litellm_params`, else 1."
            ) { member, draft, context in
                draft.maxTemperature = context.temperature(member)
            },
            .flag("no_tools", \.noTools, "Whether the request must offer no `tools` and no `functions`."),
            .count("max_messages", \.maxMessages, from: 1, upTo: 1_000_000, "The greatest number of messages."),
            .size("max_bytes", \.maxBytes, from: 1, "The greatest size of the body."),
        ],
        isStrict: true
    )
}

extension ReadingContext {
    /// What a request asks. Without it, requests that ask different things would get one answer.
    private static let questions = [
        "messages", "input", "inputs", "prompt", "query", "documents", "file", "image", "model", "system",
        "instructions",
    ]

    fileprivate mutating func ignoredMembers(_ member: YAMLMember) -> [String] {
        guard case .sequence(let items) = member.value.content else {
            error(member.value.position, "'\(member.key)'\(place) must be a list of names, not \(member.value.kind)")
            return []
        }
        return items.compactMap { item in
            guard let name = text(YAMLMember(key: member.key, keyPosition: item.position, value: item)) else {
                return nil
            }
            guard !Self.questions.contains(where: { $0.utf8.elementsEqual(name.utf8) }) else {
                error(
                    item.position,
                    "'\(name)' in ignore_members is what a request asks: without it in the key, one would get the answer "
                        + "to another; remove it"
                )
                return nil
            }
            guard (1...128).contains(name.utf8.count) else {
                error(item.position, "a name in ignore_members must have 1 to 128 bytes")
                return nil
            }
            return name
        }
    }

    fileprivate mutating func temperature(_ member: YAMLMember) -> Double? {
        var number: Double?
        if case .scalar(let scalar) = member.value.content {
            switch scalar.value {
            case .int(let value): number = Double(value)
            case .float(let value): number = value
            case .text: number = Double(scalar.text)
            case .null, .bool: break
            }
        }
        guard let number, (0...100).contains(number) else {
            error(
                member.value.position,
                "'\(member.key)'\(place) must be a number from 0 to 100, not \(member.value.kind)"
            )
            return nil
        }
        return number
    }
}
