import HTTPSyntax
import Text

/// An entry of `pass_through_endpoints` as far as it was read.
struct PassThroughDraft {
    var path: (text: String, position: SourcePosition)?
    var target: (text: String, position: SourcePosition)?
    var headers: [ModelSettings.Header] = []
    var forwardsHeaders: Bool?
    var includesSubpaths: Bool?
    var methods: [String]?
    var requiresKey: Bool?
}

extension Section where Target == PassThroughDraft {
    static let passThroughEndpoint = Section(
        "pass_through_endpoints",
        [
            SectionParameter(
                "path",
                "path",
                "The path at the gateway, such as `/search`. It comes before a call with the same path."
            ) { member, draft, context in
                draft.path = context.endpointPath(member).map { ($0, member.value.position) }
            },
            SectionParameter("target", "URL", "The URL that requests are sent to, with their query.") {
                member,
                draft,
                context in
                draft.target = context.name(member).map { ($0, member.value.position) }
            },
            SectionParameter(
                "headers",
                "mapping",
                "Request headers to add, in place of the client's. `os.environ/NAME` is replaced within a value too.",
                isResolved: false
            ) { member, draft, context in
                draft.headers = context.headers(context.resolvedWithin(member))
            },
            .flag(
                "forward_headers",
                \.forwardsHeaders,
                "Whether all headers of clients are sent on, except the key for the gateway. Default: false."
            ),
            .flag("include_subpath", \.includesSubpaths, "Whether paths below `path` lead there too. Default: false."),
            SectionParameter("methods", "list", "The methods that are accepted. Default: all.") {
                member,
                draft,
                context in
                draft.methods = context.methods(member)
            },
            .flag(
                "auth",
                \.requiresKey,
                "Whether clients need the gateway's key, where it has one. LiteLLM's default is false; here a path that "
                    + "anybody may use, with the headers above, is opened on purpose. Default: true."
            ),
        ],
        withoutEffect: ["cost_per_request", "default_query_params", "guardrails", "id", "is_from_config"]
    )
}

extension SectionParameter where Target == SettingsDraft.GeneralDraft {
    static let passThroughEndpoints = SectionParameter(
        "pass_through_endpoints",
        "list",
        "Paths that lead to other servers, whose answers are passed on and never cached.",
        isResolved: false
    ) { member, draft, context in
        draft.passThroughEndpoints = context.passThroughEndpoints(member)
    }
}

extension ReadingContext {
    fileprivate mutating func passThroughEndpoints(_ member: YAMLMember) -> [PassThroughSettings] {
        guard case .sequence(let items) = member.value.content else {
            error(member.value.position, "'\(member.key)'\(place) must be a list of mappings, not \(member.value.kind)")
            return []
        }
        var endpoints: [PassThroughSettings] = []
        for item in items {
            guard case .mapping = item.content else {
                error(item.position, "an entry of '\(member.key)'\(place) must be a mapping, not \(item.kind)")
                continue
            }
            var draft = PassThroughDraft()
            Section<PassThroughDraft>.passThroughEndpoint.read(item, into: &draft, context: &self)
            for name in ["path", "target"] where item[name] == nil {
                error(item.position, "this entry of pass_through_endpoints has no '\(name)'")
            }
            guard let endpoint = draft.settings else { continue }
            if let first = endpoints.first(where: { $0.path == endpoint.path }) {
                error(
                    endpoint.pathPosition,
                    "the path '\(endpoint.path.quotable)' has been given on line \(first.pathPosition.line) already"
                )
                continue
            }
            endpoints.append(endpoint)
        }
        return endpoints
    }

    /// Reads a path that requests can have, and removes the slash at its end.
    fileprivate mutating func endpointPath(_ member: YAMLMember) -> String? {
        guard var path = name(member) else { return nil }
        if path.hasSuffix("/") { path.removeLast() }
        let isPlain = path.utf8.allSatisfy { (0x21...0x7E).contains($0) && !"?#%".utf8.contains($0) }
        let segments = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        guard path.hasPrefix("/"), isPlain, !segments.contains(where: { ["", ".", ".."].contains($0) }) else {
            error(
                member.value.position,
                "'path'\(place) must be a path such as '/search', without a query, a '%' or an empty segment"
            )
            return nil
        }
        return path
    }

    fileprivate mutating func methods(_ member: YAMLMember) -> [String]? {
        guard case .sequence(let items) = member.value.content, !items.isEmpty else {
            error(member.value.position, "'\(member.key)'\(place) must be a list of methods, not \(member.value.kind)")
            return nil
        }
        return items.compactMap { item in
            let method = YAMLMember(key: member.key, keyPosition: item.position, value: item)
            return word(method, among: PassThroughSettings.allMethods)
        }
    }
}

extension PassThroughDraft {
    /// The settings. They are nil where the path or the target is missing or wrong, which has been reported.
    fileprivate var settings: PassThroughSettings? {
        guard let path, let target else { return nil }
        return PassThroughSettings(
            path: path.text,
            target: target.text,
            headers: headers,
            forwardsHeaders: forwardsHeaders ?? false,
            includesSubpaths: includesSubpaths ?? false,
            methods: methods ?? PassThroughSettings.allMethods,
            requiresKey: requiresKey ?? true,
            pathPosition: path.position,
            targetPosition: target.position
        )
    }
}
