import Spelling

/// A mapping of the file and the keys it may have.
struct Section<Target>: Sendable {
    /// The key that holds the mapping, empty for the file itself.
    let name: String
    /// In the order in which they are read, whatever the order of the file.
    let parameters: [Parameter<Target>]
    /// LiteLLM's keys that are accepted, with a warning, and do nothing here.
    let withoutEffect: [String]
    /// Takes keys that are none of the above; nil makes them errors.
    let others: Parameter<Target>.Apply?

    init(
        _ name: String,
        _ parameters: [Parameter<Target>],
        withoutEffect: [String] = [],
        others: Parameter<Target>.Apply? = nil
    ) {
        self.name = name
        self.parameters = parameters
        self.withoutEffect = withoutEffect
        self.others = others
    }

    /// ` in cache_params`, ` at the top level`.
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
                if let member = context.resolved(member) { others(member, &target, &context) }
            } else if inert.contains(member.key) {
                context.warnOnce(member.keyPosition, "'\(member.key)'\(place) is accepted, but has no effect here")
            } else {
                unknown(member, context: &context)
            }
        }
    }

    private func unknown(_ member: YAMLMember, context: inout ReadingContext) {
        if context.isFull { return }
        let nearest = NearestName.nearest(to: member.key, among: parameters.map(\.name) + withoutEffect)
        let hint = nearest.map { "; did you mean '\($0)'?" } ?? "; 'gateway reference' lists what there is"
        context.error(member.keyPosition, "unknown key '\(member.key.quotable)'\(place)\(hint)")
    }
}
