import Dialects
import HTTPSyntax
import JSON
import NIOCore
import Text

/// What the bodies of two requests differ in.
struct BodyComparison {
    var differences: [JSONDifference] = []
    var count = 0
    var irrelevant: [Explanation.Irrelevance] = []
    var whiteSpaceDiffers = false

    init(_ first: ExplainedRequest, _ second: ExplainedRequest) {
        if let one = first.document, let other = second.document {
            compare(first, one, second, other)
        } else {
            compareForms(first, second)
        }
    }

    private mutating func compare(
        _ first: ExplainedRequest,
        _ one: JSONDocument,
        _ second: ExplainedRequest,
        _ other: JSONDocument
    ) {
        let isByInput = first.isByInput && second.isByInput
        let comparison = JSONComparison(
            one,
            other,
            apartFrom: isByInput ? (first.inquiry.read.input, second.inquiry.read.input) : (nil, nil)
        )
        let named = first.isNamed && second.isNamed
        var irrelevant = comparison.irrelevant.map {
            Explanation.Irrelevance(difference: $0, reason: first.reasonToIgnore($0))
        }
        if named {
            irrelevant =
                comparison.differences.map {
                    Explanation.Irrelevance(difference: $0, reason: "'cache_key' stands for the body")
                } + irrelevant.filter { !$0.difference.isCacheKey }
        } else {
            (differences, count) = (comparison.differences, comparison.differenceCount)
        }
        if first.isNamed || second.isNamed {
            let keys = (first.inquiry.read.cacheKey, second.inquiry.read.cacheKey)
            let texts = (keys.0.flatMap { one.string($0) }, keys.1.flatMap { other.string($0) })
            let areEqual = Array((texts.0 ?? "").utf8) == Array((texts.1 ?? "").utf8)
            (differences, count) =
                areEqual
                ? ([], 0)
                : (
                    [
                        JSONDifference(
                            kind: .value,
                            path: "/cache_key",
                            first: keys.0.flatMap { one.byteRange(of: $0) },
                            second: keys.1.flatMap { other.byteRange(of: $0) }
                        )
                    ], 1
                )
        }
        self.irrelevant = irrelevant
        whiteSpaceDiffers = comparison.whiteSpaceDiffers
    }

    /// Looks for the first part in which two forms differ.
    private mutating func compareForms(_ first: ExplainedRequest, _ second: ExplainedRequest) {
        guard let one = first.form, let other = second.form else { return }
        if first.isNamed || second.isNamed {
            guard one.cacheKey != other.cacheKey else { return }
            differences = [JSONDifference(kind: .value, path: "the part 'cache_key'", first: nil, second: nil)]
            count = 1
            return
        }
        let ignored = (first.rule?.ignoredMembers ?? [], second.rule?.ignoredMembers ?? [])
        let parts = one.keyed.filter { !ignored.0.contains($0.name) }
        let otherParts = other.keyed.filter { !ignored.1.contains($0.name) }
        for index in 0..<max(parts.count, otherParts.count) {
            let part = parts.indices.contains(index) ? parts[index] : nil
            let otherPart = otherParts.indices.contains(index) ? otherParts[index] : nil
            if let part, let otherPart, part.labels.count == otherPart.labels.count,
                zip(part.labels, otherPart.labels).allSatisfy({ first.bytes($0).elementsEqual(second.bytes($1)) }),
                first.bytes(part.content).elementsEqual(second.bytes(otherPart.content))
            {
                continue
            }
            let name = String(decoding: part?.name ?? otherPart?.name ?? [], as: UTF8.self)
            differences = [
                JSONDifference(
                    kind: .value,
                    path: "part \(index + 1), '\(name.quotable)'",
                    first: part?.content,
                    second: otherPart?.content
                )
            ]
            count = 1
            return
        }
    }
}

extension JSONDifference {
    fileprivate var isCacheKey: Bool { path.utf8.elementsEqual("/cache_key".utf8) }
}

extension ExplainedRequest {
    /// Why a difference that no key covers does not count, as a clause.
    fileprivate func reasonToIgnore(_ difference: JSONDifference) -> String {
        switch difference.kind {
        case .order: return "the order of members"
        case .number: return "the spelling of a number"
        case .escapes: return "the spelling of a text"
        case .value: return "it is covered"
        case .leftOut: break
        }
        let name = Array(difference.path.utf8.dropFirst())
        let role = name.withUnsafeBufferPointer { name in
            name.baseAddress.map { call.request.member(JSONText(bytes: $0, count: name.count, escaped: false)) }
                ?? .other
        }
        switch role {
        case .stream: return "one entry serves streams and answers in one piece"
        case .delivery: return "it says how the answer is delivered"
        case .metadata: return "labels of the client"
        case .cache, .caching: return "controls of the cache"
        case .cacheKey: return "the client's own key"
        case .gatewayOnly: return "it is for the gateway alone"
        case .model: return "the models share entries (router_settings.caching_groups)"
        case .input, .other: return "ignore_members of the model lists it"
        }
    }
}
