/// A key that the gateway knows: its name, the type and meaning of its value, and where its value is stored. Tables of
/// these drive the parsing, the checking, the suggestions and the documentation.
struct SectionParameter<Target>: Sendable {
    typealias Apply = @Sendable (YAMLMember, inout Target, inout ReadingContext) -> Void

    let name: String
    /// The type of the value, for the documentation.
    let type: String
    /// One line for the documentation.
    let meaning: String
    /// Whether references to the environment are resolved before `apply`. A value with keys of its own resolves them
    /// one by one, because a key without effect may refer to any variable.
    let isResolved: Bool
    /// Reads the value, which is not null, and stores it.
    let apply: Apply

    init(_ name: String, _ type: String, _ meaning: String, isResolved: Bool = true, apply: @escaping Apply) {
        self.name = name
        self.type = type
        self.meaning = meaning
        self.isResolved = isResolved
        self.apply = apply
    }
}

extension SectionParameter {
    static func text(
        _ name: String,
        _ path: any WritableKeyPath<Target, String?> & Sendable,
        _ meaning: String
    ) -> SectionParameter {
        SectionParameter(name, "string", meaning) { member, target, context in
            target[keyPath: path] = context.text(member) ?? target[keyPath: path]
        }
    }

    static func flag(_ name: String, _ path: any WritableKeyPath<Target, Bool?> & Sendable, _ meaning: String)
        -> SectionParameter
    {
        SectionParameter(name, "boolean", meaning) { member, target, context in
            target[keyPath: path] = context.flag(member)
        }
    }

    static func count(
        _ name: String,
        _ path: any WritableKeyPath<Target, Int?> & Sendable,
        from least: Int = 0,
        upTo limit: Int,
        _ meaning: String
    ) -> SectionParameter {
        SectionParameter(name, "whole number", meaning) { member, target, context in
            target[keyPath: path] = context.count(member, from: least, upTo: limit)
        }
    }

    /// - Parameter least: the smallest accepted size in bytes.
    static func size(
        _ name: String,
        _ path: any WritableKeyPath<Target, Int?> & Sendable,
        from least: Int,
        _ meaning: String
    ) -> SectionParameter {
        SectionParameter(name, "size", meaning) { member, target, context in
            target[keyPath: path] = context.bytes(member, from: least)
        }
    }

    static func seconds(
        _ name: String,
        _ path: any WritableKeyPath<Target, Double?> & Sendable,
        _ meaning: String
    ) -> SectionParameter {
        SectionParameter(name, "seconds", meaning) { member, target, context in
            target[keyPath: path] = context.seconds(member)
        }
    }

    static func section<Inner>(
        _ inner: Section<Inner>,
        _ path: any WritableKeyPath<Target, Inner> & Sendable,
        _ meaning: String
    ) -> SectionParameter {
        SectionParameter(inner.name, "mapping", meaning, isResolved: false) { member, target, context in
            inner.read(member.value, into: &target[keyPath: path], context: &context)
        }
    }
}
