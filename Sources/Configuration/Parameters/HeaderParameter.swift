import Spelling

extension Parameter {
    static func secret(
        _ name: String,
        _ path: any WritableKeyPath<Target, Secret?> & Sendable,
        _ meaning: String
    ) -> Parameter {
        Parameter(name, "secret", meaning) { member, target, context in
            target[keyPath: path] = context.text(member).map(Secret.init)
        }
    }

    static func headers(
        _ name: String,
        _ path: any WritableKeyPath<Target, [ModelSettings.Header]> & Sendable,
        _ meaning: String
    ) -> Parameter {
        Parameter(name, "mapping", meaning) { member, target, context in
            target[keyPath: path] = context.headers(member)
        }
    }
}

extension ReadingContext {
    /// Request headers whose names and values HTTP can carry (RFC 9110 section 5).
    fileprivate mutating func headers(_ member: YAMLMember) -> [ModelSettings.Header] {
        guard case .mapping(let members) = member.value.content else {
            error(
                member.value.position,
                "'\(member.key)'\(place) must be a mapping of names to values, not \(member.value.kind)"
            )
            return []
        }
        var headers: [ModelSettings.Header] = []
        for header in members {
            guard Self.isToken(header.key) else {
                error(header.keyPosition, "'\(header.key.quotable)' cannot be the name of a request header")
                continue
            }
            guard let value = text(header) else { continue }
            headers.append(ModelSettings.Header(name: header.key, value: value))
        }
        return headers
    }

    private static func isToken(_ name: String) -> Bool {
        let punctuation = Set("!#$%&'*+-.^_`|~".utf8)
        return !name.isEmpty
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "a")...UInt8(ascii: "z"):
                    true
                default: punctuation.contains(byte)
                }
            }
    }
}
