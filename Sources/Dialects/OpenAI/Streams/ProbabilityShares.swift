import JSON

/// Distributes a choice's log probabilities among the pieces of its text. Each piece gets the probabilities of its
/// tokens.
struct ProbabilityShares {
    /// The log probabilities that have not been distributed.
    private(set) var rest: JSONTree

    init(_ logprobs: JSONTree) { rest = logprobs }

    struct Share {
        let text: [UInt8]
        let logprobs: JSONTree
    }

    private static let tokensInAPiece = 5
    private static let mostSilent = 4

    /// Splits a text at the boundaries of its tokens, where the list `name` contains them and they make up the text.
    /// Otherwise the text is split as `TextPieces` does, and the whole list stays in `rest`.
    mutating func shares(_ name: StaticString, of text: [UInt8]) -> [Share] {
        let tokens = rest[name]?.elements ?? []
        guard !tokens.isEmpty, tokens.flatMap({ $0["token"]?.text ?? [] }) == text else {
            return TextPieces.of(text).map { Share(text: Array($0), logprobs: .null) }
        }
        let others = rest.members.filter { !$0.isNamed(name) }
        let hasOthers = !others.allSatisfy(\.value.isNull)
        // Where there are only a few other lists, as is usual, each piece contains them with the value null.
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
        // Where nothing is left to distribute, the last part has no log probabilities.
        if !hasOthers, saysAll { rest = .null } else { rest.set(name, .array([])) }
        return shares
    }
}
