public import JSON

extension JSONDocument {
    /// The inputs of an embedding request, each of which has an embedding and a key of its own.
    ///
    /// `input` may be a string (one input), an array of strings, an array of token numbers (one input) or an array of arrays of
    /// token numbers. Anything else (an empty array, a mixture) is nil: the request is one that the gateway does not take apart,
    /// and what the model makes of it is the answer to the request as a whole.
    ///
    /// - Parameter limit: of more inputs so many and one are returned.
    public func inputs(of input: JSONNode, atMost limit: Int = .max - 1) -> [JSONNode]? {
        switch kind(of: input) {
        case .string: [input]
        case .array: inputs(ofArray: input, atMost: limit)
        default: nil
        }
    }

    private func inputs(ofArray input: JSONNode, atMost limit: Int) -> [JSONNode]? {
        var parts: [JSONNode] = []
        var common: JSONKind?
        for element in elements(of: input) {
            if parts.count > limit { break }
            let kind = kind(of: element)
            guard common == nil || common == kind else { return nil }
            common = kind
            switch kind {
            case .string: parts.append(element)
            case .array where isTokens(element): parts.append(element)
            case .number where int64(element) != nil: continue
            default: return nil
            }
        }
        return common == .number ? [input] : parts.isEmpty ? nil : parts
    }

    /// Whether a value is an array of whole numbers, and not an empty one.
    private func isTokens(_ node: JSONNode) -> Bool {
        var count = 0
        for element in elements(of: node) {
            guard int64(element) != nil else { return false }
            count += 1
        }
        return count > 0
    }
}
