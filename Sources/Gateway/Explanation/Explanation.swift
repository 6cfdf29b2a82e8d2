import Dialects
import JSON
import ResponseCache

/// Why two requests do or do not share an entry of the cache.
struct Explanation {
    /// What the keys say.
    enum Verdict: Equatable {
        /// They have one key.
        case shared
        /// Of the inputs of the second request, so many have the key of an input of the first one.
        case inputs(shared: Int, of: Int)
        /// They have different keys.
        case different
        /// One of them, or neither, has a key.
        case uncached
    }

    /// A part of the key besides the body that differs.
    struct PartDifference: Equatable {
        /// What the part is called.
        let name: String
        let first: String
        let second: String
    }

    /// What a difference that does not count is about.
    struct Irrelevance: Equatable {
        let difference: JSONDifference
        /// A clause that says why it does not count.
        let reason: String
    }

    let first: ExplainedRequest
    let second: ExplainedRequest
    let verdict: Verdict
    /// For each input of the second request, the first input of the first one that has its key.
    let sharedInputs: [Int?]
    let parts: [PartDifference]
    /// The differences of the bodies that the keys cover: the first ones.
    let differences: [JSONDifference]
    /// How many there are. Of forms no more than the first one is looked for.
    let differenceCount: Int
    let irrelevant: [Irrelevance]
    let whiteSpaceDiffers: Bool
    /// What else there is to say, a sentence each.
    let notes: [String]

    var isShared: Bool {
        switch verdict {
        case .shared: true
        case .inputs(let shared, let all): shared == all
        case .different, .uncached: false
        }
    }

    /// - Parameter keyedHeaders: the headers that are part of keys.
    init(_ first: ExplainedRequest, _ second: ExplainedRequest, keyedHeaders: [KeyedHeader]) {
        self.first = first
        self.second = second
        let comparison = BodyComparison(first, second)
        differences = comparison.differences
        differenceCount = comparison.count
        irrelevant = comparison.irrelevant
        whiteSpaceDiffers = comparison.whiteSpaceDiffers
        parts = Self.differences(first.parts, second.parts, keyedHeaders)
        (verdict, sharedInputs) = Self.verdict(first, second)
        notes = Self.notes(first, second, isKnown: verdict != .different || !parts.isEmpty || comparison.count > 0)
    }

    private static func verdict(
        _ first: ExplainedRequest,
        _ second: ExplainedRequest
    ) -> (Verdict, [Int?]) {
        guard first.uncached == nil, second.uncached == nil else { return (.uncached, []) }
        guard first.isByInput, second.isByInput else {
            return (!first.isByInput && !second.isByInput && first.keys == second.keys ? .shared : .different, [])
        }
        var positions: [CacheKey: Int] = [:]
        for (position, key) in first.keys.enumerated() where positions[key] == nil { positions[key] = position }
        let shared = second.keys.map { positions[$0] }
        return (.inputs(shared: shared.count { $0 != nil }, of: shared.count), shared)
    }

    private static func differences(
        _ first: KeyParts,
        _ second: KeyParts,
        _ keyedHeaders: [KeyedHeader]
    ) -> [PartDifference] {
        var found: [PartDifference] = []
        func compare(_ name: String, _ one: String?, _ other: String?) {
            let (one, other) = (one ?? "none", other ?? "none")
            guard !one.utf8.elementsEqual(other.utf8) else { return }
            found.append(PartDifference(name: name, first: one, second: other))
        }
        compare("tenant", first.tenant, second.tenant)
        compare("namespace", first.namespace, second.namespace)
        compare("client's namespace", first.clientNamespace, second.clientNamespace)
        compare("call", first.call, second.call)
        compare("model", first.model.name, second.model.name)
        if first.model.name.utf8.elementsEqual(second.model.name.utf8) {
            compare("deployments", first.model.shownFingerprint, second.model.shownFingerprint)
        }
        let (mine, theirs) = (first.headers(keyedHeaders), second.headers(keyedHeaders))
        for name in (mine.map(\.name) + theirs.map(\.name)).uniqued() {
            compare("header \(name)", mine.value(of: name), theirs.value(of: name))
        }
        return found
    }

    private static func notes(_ first: ExplainedRequest, _ second: ExplainedRequest, isKnown: Bool) -> [String] {
        var notes: [String] = []
        for request in [first, second] where request.isNamed {
            notes.append("\(request.name) names its own key (cache_key), which stands for the body")
        }
        if first.uncached == nil, second.uncached == nil {
            if first.isNamed != second.isNamed {
                notes.append("a key that is named is never that of a request without one")
            }
            if first.isByInput != second.isByInput {
                let whole = first.isByInput ? second : first
                notes.append("\(whole.name) has an 'input' that is not cached input by input")
            }
            if !first.inquiry.use.mayStore || first.inquiry.controls.timeToLive == 0 {
                notes.append("\(first.name) stores nothing, so that it makes no entry for \(second.name)")
            }
            if !second.inquiry.use.mayRead {
                notes.append("\(second.name) is not answered from the cache, whatever is in it")
            }
            if first.inquiry.read.isStream, !first.inquiry.details.includesUsage, second.inquiry.details.includesUsage {
                notes.append(
                    "\(second.name) asks for the usage, which a stream for \(first.name) need not report: "
                        + "then it is not answered from that entry (detail=without-usage)"
                )
            }
        }
        if !isKnown { notes.append("the keys differ, and no difference was found; this is a defect of the gateway") }
        return notes
    }
}

extension KeyParts {
    /// The headers that are part of the key, with their normalised values.
    ///
    /// - Parameter keyed: the headers that have a position in the key. Others follow with their names.
    func headers(_ keyed: [KeyedHeader]) -> [(name: String, value: String)] {
        var pieces = keyedValues.split(separator: 0, omittingEmptySubsequences: false)
        guard !pieces.isEmpty else { return [] }
        let lines = pieces.removeFirst().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        var headers = zip(keyed, lines).filter { !$1.isEmpty }.map {
            (name: $0.name, value: String(decoding: $1, as: UTF8.self))
        }
        for piece in pieces {
            let name = piece.prefix { $0 != UInt8(ascii: ":") }
            headers.append(
                (
                    String(decoding: name, as: UTF8.self),
                    String(decoding: piece.dropFirst(name.count + 1), as: UTF8.self)
                )
            )
        }
        return headers
    }
}

extension KeyParts.Model {
    /// The beginning of the fingerprint in hexadecimal digits.
    var shownFingerprint: String {
        fingerprint.prefix(8).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

extension [(name: String, value: String)] {
    /// The values of one header, joined by commas. It is nil where there is none.
    fileprivate func value(of name: String) -> String? {
        let values = filter { $0.name.utf8.elementsEqual(name.utf8) }.map(\.value)
        return values.isEmpty ? nil : values.joined(separator: ",")
    }
}

extension [String] {
    /// The texts, each once and in their order.
    fileprivate func uniqued() -> [String] {
        var seen: Set<[UInt8]> = []
        return filter { seen.insert([UInt8]($0.utf8)).inserted }
    }
}
