import Dialects
import JSON
import ResponseCache
import Text

/// Writes explanations as text for people.
struct ExplanationText {
    /// The headers that are part of keys.
    let keyedHeaders: [KeyedHeader]
    /// Whether values and lists are shown whole.
    let isComplete: Bool
    /// Whether keys are shown. Without a configuration they are not those of any gateway.
    let showsKeys: Bool

    /// How many differences, and how many inputs, are shown unless all are.
    private static let usualCount = 5

    /// Why two requests do or do not share an entry.
    func text(_ explanation: Explanation) -> String {
        let (first, second) = (explanation.first, explanation.second)
        var lines = [headline(explanation)]
        if !explanation.parts.isEmpty || !explanation.differences.isEmpty {
            lines += ["", "They differ in"]
            for part in explanation.parts {
                lines += difference(part.name, part.first.quotable, part.second.quotable, first, second)
            }
            lines += bodyDifferences(explanation)
        }
        if explanation.verdict != .uncached, first.isByInput, second.isByInput { lines += inputs(explanation) }
        if !explanation.irrelevant.isEmpty || explanation.whiteSpaceDiffers {
            lines += ["", "This does not count"]
            for irrelevance in explanation.irrelevant.prefix(isComplete ? .max : Self.usualCount) {
                lines.append(self.irrelevance(irrelevance, first, second))
            }
            let more = explanation.irrelevant.count - Self.usualCount
            if more > 0, !isComplete { lines.append("  … and more; --complete shows them") }
            if explanation.whiteSpaceDiffers { lines.append("  the white space between values") }
        }
        if !explanation.notes.isEmpty { lines += [""] + explanation.notes.map { "Note: \($0)." } }
        return (lines + [""] + blocks(first, second)).joined(separator: "\n")
    }

    /// What is in the key of a request.
    func text(_ request: ExplainedRequest) -> String {
        let headline = request.uncached.map { "\(request.name) is not cached: \($0)." } ?? "\(request.name) is cached."
        return ([headline, ""] + block(request)).joined(separator: "\n")
    }

    /// Whether a key is a request's.
    func text(_ explanation: KeyExplanation) -> String {
        let request = explanation.request
        let headline =
            switch explanation.input {
            case _ where request.uncached != nil:
                "\(request.name) has no key: it is not cached, since \(request.uncached ?? "")."
            case nil: "This is not the key of \(request.name)."
            case let input? where request.isByInput && request.keys.count > 1:
                "This is the key of input \(input) of \(request.name)."
            default: "This is the key of \(request.name)."
            }
        let notes = request.uncached == nil ? explanation.notes.map { "Note: \($0)." } : []
        return ([headline] + notes + [""] + block(request)).joined(separator: "\n")
    }

    // MARK: Parts

    private func headline(_ explanation: Explanation) -> String {
        let (first, second) = (explanation.first.name, explanation.second.name)
        switch explanation.verdict {
        case .shared: return "\(first) and \(second) share an entry."
        case .inputs(let shared, let all) where shared == all:
            return "\(first) and \(second) share their entries: each input of \(second) is one of \(first)."
        case .inputs(let shared, let all) where shared > 0:
            return "\(first) and \(second) share \(shared) of the \(all) entries that \(second) needs."
        case .different, .inputs:
            let places = explanation.parts.map(\.name) + explanation.differences.map(\.path)
            guard let place = places.first else { return "\(first) and \(second) do not share an entry." }
            let more = explanation.parts.count + explanation.differenceCount - 1
            let others = more > 0 ? " and \(more) more" : ""
            return
                "\(first) and \(second) do not share an entry: they differ in \(place.quotable(atMost: 200))\(others)."
        case .uncached:
            let reasons = [explanation.first, explanation.second].compactMap { request in
                request.uncached.map { "\(request.name) is not cached, since \($0)" }
            }
            return "\(first) and \(second) do not share an entry: \(reasons.joined(separator: "; "))."
        }
    }

    private func bodyDifferences(_ explanation: Explanation) -> [String] {
        let (first, second) = (explanation.first, explanation.second)
        let shown = explanation.differences.prefix(isComplete ? .max : Self.usualCount)
        var lines: [String] = []
        for each in shown {
            let values = ShownValue.texts(
                each.first.map { first.bytes($0) },
                each.second.map { second.bytes($0) },
                isComplete: isComplete
            )
            lines += difference(each.path, values.first, values.second, first, second)
        }
        let more = explanation.differenceCount - shown.count
        if more > 0 { lines.append("  and \(more) more place\(more == 1 ? "" : "s")") }
        return lines
    }

    private func difference(
        _ place: String,
        _ value: String?,
        _ otherValue: String?,
        _ first: ExplainedRequest,
        _ second: ExplainedRequest
    ) -> [String] {
        let width = max(first.name.count, second.name.count)
        func line(_ request: ExplainedRequest, _ value: String?) -> String {
            "    \(request.name)\(String(repeating: " ", count: width - request.name.count))  \(value ?? "absent")"
        }
        // The root has an empty pointer.
        return ["  \(place.isEmpty ? "the whole body" : place.quotable(atMost: JSONComparison.longestPath))"]
            + [line(first, value), line(second, otherValue)]
    }

    private func irrelevance(
        _ irrelevance: Explanation.Irrelevance,
        _ first: ExplainedRequest,
        _ second: ExplainedRequest
    ) -> String {
        let each = irrelevance.difference
        let path = each.path.isEmpty ? "the body" : each.path.quotable(atMost: JSONComparison.longestPath)
        if each.kind == .order { return "  the order of members in \(path)" }
        let values = ShownValue.texts(
            each.first.map { first.bytes($0) },
            each.second.map { second.bytes($0) },
            isComplete: isComplete
        )
        return "  \(path): \(values.first ?? "absent"), \(values.second ?? "absent") (\(irrelevance.reason))"
    }

    private func inputs(_ explanation: Explanation) -> [String] {
        var lines = ["", "Inputs of \(explanation.second.name)"]
        for (position, match) in explanation.sharedInputs.enumerated() {
            guard isComplete || position < 4 * Self.usualCount else {
                lines.append("  … and \(explanation.sharedInputs.count - position) more; --complete shows them")
                break
            }
            let place = match.map { "has the entry of input \($0) of \(explanation.first.name)" } ?? "has no such entry"
            lines.append("  \(position) \(place)")
        }
        return lines
    }

    /// What is in both keys: once, where that is the same.
    private func blocks(_ first: ExplainedRequest, _ second: ExplainedRequest) -> [String] {
        let (rows, otherRows) = (self.rows(first), self.rows(second))
        guard zip(rows, otherRows).allSatisfy({ $0.value.utf8.elementsEqual($1.value.utf8) }),
            rows.count == otherRows.count
        else { return block(first) + [""] + block(second) }
        func named(_ request: ExplainedRequest) -> [Row] {
            self.keys(request).map { ($0.name, "\($0.value) (\(request.name))") }
        }
        let keyRows = first.keys == second.keys ? keys(first) : named(first) + named(second)
        return ["Both"] + (rows + keyRows).map(Self.line)
    }

    private func block(_ request: ExplainedRequest) -> [String] {
        [request.name] + (rows(request) + keys(request)).map(Self.line)
    }

    private static func line(_ row: Row) -> String {
        "  \(row.name)\(String(repeating: " ", count: max(1, 13 - row.name.count)))\(row.value)"
    }

    private typealias Row = (name: String, value: String)

    /// What is in the key, and what the cache does for the request.
    private func rows(_ request: ExplainedRequest) -> [Row] {
        let parts = request.parts
        let because = request.endpoint.because.map { ", \($0)" } ?? ""
        var rows: [Row] = [
            ("call", "\(parts.call), at \(request.endpoint.path.quotable)\(because)"),
            ("model", parts.model.name.split(separator: "\n").joined(separator: ", ").quotable),
        ]
        if showsKeys {
            rows.append(("deployments", "\(parts.model.shownFingerprint)…, a digest of what the name stands for"))
        }
        rows.append(("tenant", parts.tenant))
        let own = parts.clientNamespace.map { "the client's, '\($0.quotable)'" }
        let namespaces = [parts.namespace?.quotable, own].compactMap { $0 }
        rows.append(("namespace", namespaces.isEmpty ? "none" : namespaces.joined(separator: ", and below it ")))
        let headers = parts.headers(keyedHeaders).map { "\($0.name): \($0.value.quotable)" }
        rows.append(("headers", headers.isEmpty ? "none" : headers.joined(separator: ", ")))
        rows.append(("body", body(request)))
        rows.append(("cached", request.uncached.map { "no: \($0)" } ?? "yes"))
        for effect in request.inquiry.effects { rows.append(("control", effect)) }
        return rows
    }

    private func body(_ request: ExplainedRequest) -> String {
        if request.isNamed { return "its own key (cache_key) stands for it" }
        if request.form != nil { return "its parts" }
        let ignored = request.rule?.ignoredMembers.map { String(decoding: $0, as: UTF8.self).quotable } ?? []
        let without = ignored.isEmpty ? "" : ", and without \(ignored.joined(separator: ", "))"
        return (request.isByInput ? "in canonical form, with one input for each key" : "in canonical form") + without
    }

    private func keys(_ request: ExplainedRequest) -> [Row] {
        guard showsKeys else { return [] }
        guard request.isByInput, request.keys.count > 1 else { return request.keys.map { ("key", "\($0)") } }
        let shown = request.keys.prefix(isComplete ? .max : 4 * Self.usualCount)
        var rows: [Row] = shown.enumerated().map { ("key \($0)", "\($1)") }
        let more = request.keys.count - shown.count
        if more > 0 { rows.append(("", "… and \(more) more; --complete shows them")) }
        return rows
    }
}
