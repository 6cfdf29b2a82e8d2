import HTTPSyntax
import Text

extension SectionParameter {
    static func secret(
        _ name: String,
        _ path: any WritableKeyPath<Target, Secret?> & Sendable,
        _ meaning: String
    ) -> SectionParameter {
        SectionParameter(name, "secret", meaning) { member, target, context in
            target[keyPath: path] = context.text(member).map(Secret.init)
        }
    }

    static func headers(
        _ name: String,
        _ path: any WritableKeyPath<Target, [ModelSettings.Header]> & Sendable,
        _ meaning: String
    ) -> SectionParameter {
        SectionParameter(name, "mapping", meaning) { member, target, context in
            target[keyPath: path] = context.headers(member)
        }
    }
}

extension ReadingContext {
    /// Reads request headers, whose names and values must be valid in HTTP (RFC 9110 section 5).
    mutating func headers(_ member: YAMLMember) -> [ModelSettings.Header] {
        guard case .mapping(let members) = member.value.content else {
            error(
                member.value.position,
                "'\(member.key)'\(place) must be a mapping of names to values, not \(member.value.kind)"
            )
            return []
        }
        var headers: [ModelSettings.Header] = []
        for header in members {
            guard Token.isToken(header.key) else {
                error(header.keyPosition, "'\(header.key.quotable)' cannot be the name of a request header")
                continue
            }
            guard let value = text(header) else { continue }
            headers.append(ModelSettings.Header(name: header.key, value: value))
        }
        return headers
    }
}
