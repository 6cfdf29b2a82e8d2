public import JSON

extension JSONDocument {
    /// Returns the inputs of an embedding request, each of which has its own embedding and its own key.
    ///
    /// `input` may be a string (one input), an array of strings, an array of token numbers (one input) or an array of
    /// arrays of token numbers. The result is nil for anything else, such as an empty array or a mixture. The gateway
    /// does not split such a request, and the model's answer is the answer to the request as a whole.
    ///
    /// - Parameter limit: the largest number of inputs that is of interest. Where there are more, one more than this
    ///   number is returned.
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

    /// Whether a value is an array of whole numbers that is not empty.
    private func isTokens(_ node: JSONNode) -> Bool {
        var count = 0
        for element in elements(of: node) {
            guard int64(element) != nil else { return false }
            count += 1
        }
        return count > 0
    }
}
