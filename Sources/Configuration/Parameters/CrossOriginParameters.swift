import HTTPSyntax
import Text

/// What the file says about calls from websites, before it is known whether any are allowed.
struct CrossOriginDraft {
    var origins: CrossOriginSettings.Origins?
    var methods: [String]?
    var headers: [String]?
    var exposed: [String]?
    var allowsCredentials: Bool?
    var maxAge: Int?

    /// The settings. They are nil where no website is allowed.
    var settings: CrossOriginSettings? {
        origins.map {
            CrossOriginSettings(
                origins: $0,
                methods: methods,
                headers: headers,
                exposed: exposed,
                allowsCredentials: allowsCredentials ?? false,
                maxAge: maxAge
            )
        }
    }
}

extension SectionParameter where Target == SettingsDraft.GeneralDraft {
    /// Which websites may call the gateway from a browser.
    static var crossOrigin: [SectionParameter] {
        [
            SectionParameter(
                "cors_allow_origins",
                "list of origins, or `*`",
                "Websites whose pages may call the gateway from a browser (CORS), such as `https://app.example.com`; `*` is "
                    + "every one. Default: none."
            ) { member, draft, context in
                draft.crossOrigin.origins = context.origins(member)
                context.refuseCredentialsForAny(draft.crossOrigin, member)
            },
            names(
                "cors_allow_methods",
                \.crossOrigin.methods,
                "list of methods",
                "Methods that such pages may use. Default: those of each path."
            ),
            names(
                "cors_allow_headers",
                \.crossOrigin.headers,
                "list of names",
                "Request headers that such pages may send. Default: whichever they ask for."
            ),
            names(
                "cors_expose_headers",
                \.crossOrigin.exposed,
                "list of names",
                "Headers of answers that such pages may read besides those that any page may. Default: `Cache-Status`, `Age`, "
                    + "`Retry-After`, `x-request-id`, the gateway's `x-litellm-` headers, and OpenAI's of limits and times."
            ),
            SectionParameter(
                "cors_allow_credentials",
                "boolean",
                "Whether such pages may send cookies and client certificates, which the gateway itself does not use; keys in "
                    + "headers need no such permission. Not together with `*`. Default: false."
            ) { member, draft, context in
                draft.crossOrigin.allowsCredentials = context.flag(member)
                context.refuseCredentialsForAny(draft.crossOrigin, member)
            },
            .count(
                "cors_max_age",
                \.crossOrigin.maxAge,
                upTo: 1_000_000_000,
                "How many seconds browsers may remember these permissions. Default: 600."
            ),
        ]
    }

    /// A list of names of methods or headers.
    private static func names(
        _ name: String,
        _ path: any WritableKeyPath<Target, [String]?> & Sendable,
        _ type: String,
        _ meaning: String
    ) -> SectionParameter {
        SectionParameter(name, type, meaning) { member, draft, context in
            draft[keyPath: path] = context.tokens(member)
        }
    }
}

extension ReadingContext {
    /// Reads a list of origins, or one of them, or `*`.
    fileprivate mutating func origins(_ member: YAMLMember) -> CrossOriginSettings.Origins? {
        var listed: [String] = []
        var isAny = false
        for (position, text) in texts(member) {
            if text.utf8.elementsEqual("*".utf8) {
                isAny = true
            } else if let origin = Self.origin(text) {
                listed.append(origin)
            } else {
                error(
                    position,
                    "'\(text.quotable)' in cors_allow_origins is no origin; write it as browsers do, such as "
                        + "https://app.example.com or http://localhost:3000, without a path"
                )
            }
        }
        if isAny { return .any }
        return listed.isEmpty ? nil : .listed(listed)
    }

    /// Reads a list of tokens, or one of them.
    fileprivate mutating func tokens(_ member: YAMLMember) -> [String] {
        var tokens: [String] = []
        for (position, text) in texts(member) {
            if Token.isToken(text) {
                tokens.append(text)
            } else {
                error(position, "'\(text.quotable)' in \(member.key) is not the name of a method or a header")
            }
        }
        return tokens
    }

    private mutating func texts(_ member: YAMLMember) -> [(SourcePosition, String)] {
        let items: [YAMLNode] = if case .sequence(let items) = member.value.content { items } else { [member.value] }
        return items.compactMap { item in
            text(YAMLMember(key: member.key, keyPosition: member.keyPosition, value: item)).map { (item.position, $0) }
        }
    }

    /// An origin as a browser writes it (RFC 6454 section 6.1). It is nil for anything else.
    private static func origin(_ text: String) -> String? {
        let lower = Array(text.utf8).map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        guard let colon = lower.firstIndex(of: UInt8(ascii: ":")), lower[colon...].starts(with: "://".utf8) else {
            return nil
        }
        let scheme = lower[..<colon]
        let isScheme = scheme.allSatisfy { byte in
            (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || "+-.".utf8.contains(byte)
        }
        var host = lower[(colon + 3)...]
        let isHost = host.withUnsafeBytes { HostField.isValid($0, 0..<$0.count) }
        guard isScheme, scheme.first.map({ (0x61...0x7A).contains($0) }) == true, isHost,
            !host.contains(UInt8(ascii: "*"))
        else { return nil }
        for (name, port) in [("http", ":80"), ("https", ":443")] where scheme.elementsEqual(name.utf8) {
            if host.suffix(port.utf8.count).elementsEqual(port.utf8) { host = host.dropLast(port.utf8.count) }
        }
        return String(decoding: scheme + "://".utf8 + host, as: UTF8.self)
    }

    /// Reports credentials that every website would be allowed to use. It is called for both keys, of which the second
    /// one completes the draft.
    fileprivate mutating func refuseCredentialsForAny(_ draft: CrossOriginDraft, _ member: YAMLMember) {
        guard draft.origins == .any, draft.allowsCredentials == true else { return }
        error(
            member.value.position,
            "'cors_allow_credentials' with '*' in cors_allow_origins would let every website act with the credentials of "
                + "its visitors; list the origins"
        )
    }
}
