import Dialects
import JSON
import ResponseCache

/// Writes explanations as JSON for programs. Values of requests are strings that have their JSON text.
struct ExplanationJSON {
    /// The headers that are part of keys.
    let keyedHeaders: [KeyedHeader]
    /// Whether values are whole.
    let isComplete: Bool
    /// Whether keys are shown. Without a configuration they are not those of any gateway.
    let showsKeys: Bool

    /// Why two requests do or do not share an entry.
    func text(_ explanation: Explanation) -> String {
        let (first, second) = (explanation.first, explanation.second)
        return JSONWriter.object { json in
            json.member("share") { $0.bool(explanation.isShared) }
            if case .inputs(let shared, let all) = explanation.verdict {
                json.member("shared_inputs") { $0.integer(shared) }
                json.member("inputs") { $0.integer(all) }
                json.member("input_matches") { json in
                    json.array { json in
                        for match in explanation.sharedInputs {
                            if let match { json.integer(match) } else { json.null() }
                        }
                    }
                }
            }
            json.member("requests") { json in
                json.array { json in
                    json.object { write(first, to: &$0) }
                    json.object { write(second, to: &$0) }
                }
            }
            json.member("differences") { json in
                json.array { json in
                    for part in explanation.parts {
                        json.object { json in
                            json.member("part", part.name)
                            json.member("first", part.first)
                            json.member("second", part.second)
                        }
                    }
                    for each in explanation.differences { write(each, reason: nil, first, second, to: &json) }
                }
            }
            json.member("difference_count") { $0.integer(explanation.parts.count + explanation.differenceCount) }
            json.member("irrelevant") { json in
                json.array { json in
                    for each in explanation.irrelevant {
                        write(each.difference, reason: each.reason, first, second, to: &json)
                    }
                }
            }
            json.member("white_space_differs") { $0.bool(explanation.whiteSpaceDiffers) }
            write(explanation.notes, to: &json)
        }
    }

    /// What is in the key of a request.
    func text(_ request: ExplainedRequest) -> String {
        JSONWriter.object { write(request, to: &$0) }
    }

    /// Whether a key is a request's.
    func text(_ explanation: KeyExplanation) -> String {
        JSONWriter.object { json in
            json.member("share") { $0.bool(explanation.input != nil) }
            json.member("requests") { json in
                json.array { json in json.object { write(explanation.request, to: &$0) } }
            }
            write(explanation.notes, to: &json)
        }
    }

    private func write(_ notes: [String], to json: inout JSONWriter) {
        json.member("notes") { json in
            json.array { json in for note in notes { json.string(note) } }
        }
    }

    private func write(
        _ difference: JSONDifference,
        reason: String?,
        _ first: ExplainedRequest,
        _ second: ExplainedRequest,
        to json: inout JSONWriter
    ) {
        let values = ShownValue.texts(
            difference.first.map { first.bytes($0) },
            difference.second.map { second.bytes($0) },
            isComplete: isComplete
        )
        json.object { json in
            json.member("path", difference.path)
            if difference.kind != .order {
                json.member("first", values.first)
                json.member("second", values.second)
            }
            if let reason { json.member("reason", reason) }
        }
    }

    private func write(_ request: ExplainedRequest, to json: inout JSONWriter) {
        let parts = request.parts
        json.member("name", request.name)
        json.member("endpoint", request.endpoint.path)
        json.member("endpoint_was_chosen", request.endpoint.because)
        json.member("cached") { $0.bool(request.uncached == nil) }
        json.member("uncached_since", request.uncached)
        json.member("controls") { json in
            json.array { json in for effect in request.inquiry.effects { json.string(effect) } }
        }
        json.member("call", parts.call)
        json.member("model", parts.model.name)
        json.member("tenant", parts.tenant)
        json.member("client_namespace", parts.clientNamespace)
        json.member("headers") { json in
            json.object { json in
                for (name, value) in parts.headers(keyedHeaders) { json.member(named: name, value) }
            }
        }
        guard showsKeys else { return }
        json.member("deployments", parts.model.shownFingerprint)
        json.member("namespace", parts.namespace)
        json.member("keys") { json in
            json.array { json in for key in request.keys { json.string("\(key)") } }
        }
    }
}
