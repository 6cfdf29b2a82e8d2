import Text

/// A mapping of the file and the keys it may have.
struct Section<Target>: Sendable {
    /// The key that holds the mapping. It is empty for the file itself.
    let name: String
    /// The parameters in the order in which they are read, whatever the order of the file is.
    let parameters: [SectionParameter<Target>]
    /// LiteLLM's keys that are accepted with a warning and have no effect here.
    let withoutEffect: [String]
    /// Accepts keys that are none of the above, with the remarks on their references to the environment, which are
    /// reported if the keys are used. If it is nil, such keys cause warnings.
    let others: Others?
    /// Whether a key that is none of the above is an error, because nothing may seem to be restricted that is not.
    let isStrict: Bool

    typealias Others = @Sendable (YAMLMember, [Diagnostic], inout Target) -> Void

    init(
        _ name: String,
        _ parameters: [SectionParameter<Target>],
        withoutEffect: [String] = [],
        others: Others? = nil,
        isStrict: Bool = false
    ) {
        self.name = name
        self.parameters = parameters
        self.withoutEffect = withoutEffect
        self.others = others
        self.isStrict = isStrict
    }

    /// The place for messages, such as ` in cache_params` or ` at the top level`.
    private var place: String { name.isEmpty ? " at the top level" : " in \(name)" }

    func read(_ node: YAMLNode, into target: inout Target, context: inout ReadingContext) {
        if node.isNull { return }
        guard case .mapping(let members) = node.content else {
            let subject = name.isEmpty ? "the file" : "'\(name)'"
            return context.error(node.position, "\(subject) must be a mapping of keys to values, not \(node.kind)")
        }
        let outer = context.place
        context.place = place
        defer { context.place = outer }

        let byName = Dictionary(members.map { ($0.key, $0) }) { first, _ in first }
        for parameter in parameters {
            guard let member = byName[parameter.name] else { continue }
            if member.value.isNull { continue }
            guard let member = parameter.isResolved ? context.resolved(member) : member else { continue }
            parameter.apply(member, &target, &context)
        }
        let known = Set(parameters.map(\.name))
        let inert = Set(withoutEffect)
        for member in members where !known.contains(member.key) {
            if let others {
                let (resolved, remarks) = context.resolving(member)
                others(resolved, remarks, &target)
            } else if inert.contains(member.key) {
                context.warnOnce(member.keyPosition, "'\(member.key)'\(place) is accepted, but has no effect here")
            } else {
                unknown(member, context: &context)
            }
        }
    }

    /// Every name that the section knows, with or without effect.
    var keys: [String] { parameters.map(\.name) + withoutEffect }

    /// Reports where an unknown key belongs, or what was probably meant.
    private func unknown(_ member: YAMLMember, context: inout ReadingContext) {
        if context.isFullOfWarnings, !isStrict { return }
        let key = member.key
        if isStrict {
            let nearest = NearestName.nearest(to: key, among: keys).map { "; did you mean '\($0)'?" } ?? ""
            return context.error(member.keyPosition, "unknown key '\(key.quotable)'\(place)\(nearest)")
        }
        let places = KeyPlaces.sections(having: key)
        guard places.isEmpty else {
            let right = places.joined(separator: " or ")
            return context.warn(
                member.keyPosition,
                "'\(key.quotable)' has no effect\(place); it belongs \(right)"
            )
        }
        let nearest = NearestName.nearest(to: key, among: keys)
        let hint = nearest.map { "; did you mean '\($0)'?" } ?? "; 'gateway reference' lists what there is"
        context.warn(member.keyPosition, "unknown key '\(key.quotable)'\(place)\(hint)")
    }
}
