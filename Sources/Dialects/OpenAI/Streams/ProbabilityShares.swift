import JSON

/// Deals out a choice's log probabilities to the pieces of its text: each piece gets those of its tokens.
struct ProbabilityShares {
    /// What is not dealt out.
    private(set) var rest: JSONTree

    init(_ logprobs: JSONTree) { rest = logprobs }

    struct Share {
        let text: [UInt8]
        let logprobs: JSONTree
    }

    private static let tokensInAPiece = 5
    private static let mostSilent = 4

    /// Cuts a text along its tokens, where the list `name` has them and they make up the text; else as texts are cut, and the
    /// whole list stays in `rest`.
    mutating func shares(_ name: StaticString, of text: [UInt8]) -> [Share] {
        let tokens = rest[name]?.elements ?? []
        guard !tokens.isEmpty, tokens.flatMap({ $0["token"]?.text ?? [] }) == text else {
            return TextPieces.of(text).map { Share(text: Array($0), logprobs: .null) }
        }
        let others = rest.members.filter { !$0.isNamed(name) }
        let hasOthers = !others.allSatisfy(\.value.isNull)
        // Each piece says of the few usual other lists that they are null.
        let saysAll = others.count <= Self.mostSilent
        var shares: [Share] = []
        for start in stride(from: 0, to: tokens.count, by: Self.tokensInAPiece) {
            let group = JSONTree.array(Array(tokens[start..<min(start + Self.tokensInAPiece, tokens.count)]))
            let members =
                saysAll
                ? rest.members.map { JSONTree.Member(name: $0.name, value: $0.isNamed(name) ? group : .null) }
                : [JSONTree.Member(name, group)]
            shares.append(Share(text: group.elements.flatMap { $0["token"]?.text ?? [] }, logprobs: .object(members)))
        }
        // With nothing left to say, nothing is said at the end.
        if !hasOthers, saysAll { rest = .null } else { rest.set(name, .array([])) }
        return shares
    }
}
