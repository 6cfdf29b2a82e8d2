import HTTPSyntax
import NIOCore
import NIOHTTP1
import OpenTelemetry
import ResponseCache
import Upstream

/// The spans of a request, made of its record once it has ended. They have no content, no header field and no key.
extension RequestTrace {
    /// The request as its client sees it (HTTP semantic conventions), and what the cache did for it.
    func serverSpan(of transaction: borrowing Transaction, _ endpoints: EndpointNames, _ clock: SpanClock) -> Span {
        let route = endpoints.name(of: transaction.route)
        var span = Span(
            route.isEmpty ? method.rawValue : "\(method.rawValue) \(route)",
            kind: .server,
            traceID: traceID,
            id: spanID,
            parent: parent,
            state: state,
            start: clock.nanoseconds(transaction.began),
            end: clock.nanoseconds(transaction.end?.at ?? transaction.began)
        )
        span.set("http.request.method", .text(method.rawValue))
        if !route.isEmpty { span.set("http.route", .text(route)) }
        if transaction.status != 0 { span.set("http.response.status_code", .int(transaction.status)) }
        span.set("http.request.body.size", .int(transaction.receivedBytes))
        span.set("http.response.size", .int(transaction.sentBytes))
        span.set("gateway.request.id", .text(transaction.id.description))
        switch transaction.caller {
        case .anonymous: break
        case .master: span.set("gateway.key.name", .string("master"))
        case .tenant(let tenant): span.set("gateway.key.name", .text(tenant.name))
        }
        span.set("gateway.model", transaction.group.map { .text($0.name) })
        span.set("gateway.deployment.id", transaction.producer.map { .text($0.id) })
        if transaction.isStream { span.set("gateway.stream", .bool(true)) }
        describeCache(in: &span, of: transaction)
        switch transaction.end?.how {
        case .clientGone: span.set("error.type", .string("client_gone"))
        case .cutOff:
            span.set("error.type", .string("cut_off"))
            span.status = .error("the answer was cut off")
        case .answered, nil:
            guard transaction.status >= 500 else { break }
            span.set("error.type", .string(String(transaction.status)))
            span.status = .error("")
        }
        if let followed { span.links = [Span.Link(followed)] }
        return span
    }

    private func describeCache(in span: inout Span, of transaction: borrowing Transaction) {
        guard let status = transaction.cacheStatus else { return }
        span.set("gateway.cache.status", .string(status.outcome.word))
        span.set("gateway.cache.reason", .string(status.reason.description))
        span.set("gateway.cache.age", transaction.age.map { .int(Int(clamping: $0)) })
        if status.isStored { span.set("gateway.cache.stored", .bool(true)) }
        if status.isCollapsed { span.set("gateway.cache.collapsed", .bool(true)) }
        guard let saved = transaction.savedTokens else { return }
        span.set("gateway.cache.saved_input_tokens", .int(saved.input))
        span.set("gateway.cache.saved_output_tokens", .int(saved.output))
    }

    /// The look-up in the cache. It is nil where there was none.
    func lookupSpan(of transaction: borrowing Transaction, _ clock: SpanClock) -> Span? {
        guard let began = transaction.lookupBegan, let duration = transaction.lookup,
            let status = transaction.cacheStatus
        else { return nil }
        var span = Span(
            "cache lookup",
            kind: .internal,
            traceID: traceID,
            id: .random(),
            parent: spanID,
            state: state,
            start: clock.nanoseconds(began),
            end: clock.nanoseconds(began + duration)
        )
        span.set("gateway.cache.status", .string(status.outcome.word))
        span.set("gateway.cache.reason", .string(status.reason.description))
        return span
    }

    /// One request to a model's server (GenAI semantic conventions).
    ///
    /// - Parameters:
    ///   - usage: the tokens of its answer, where they are known.
    ///   - isStream: whether the client gets a stream of events.
    func clientSpan(of attempt: Attempt, usage: TokenUsage?, isStream: Bool, _ clock: SpanClock) -> Span {
        let deployment = attempt.deployment
        let model = attempt.group.model(at: deployment)
        var span = Span(
            operation.map { "\($0) \(model)" } ?? method.rawValue,
            kind: .client,
            traceID: traceID,
            id: attempt.spanID,
            parent: spanID,
            state: state,
            start: clock.nanoseconds(attempt.began),
            end: clock.nanoseconds(attempt.ended ?? attempt.began)
        )
        if let operation {
            span.set("gen_ai.operation.name", .string(operation))
            span.set("gen_ai.provider.name", .string(Self.providerName(deployment.provider)))
            span.set("gen_ai.request.model", .text(model))
            if let usage {
                span.set("gen_ai.usage.input_tokens", .int(usage.input))
                span.set("gen_ai.usage.output_tokens", .int(usage.output))
                if usage.cachedInput > 0 {
                    span.set("gen_ai.usage.cache_read.input_tokens", .int(usage.cachedInput))
                }
            }
            if isStream {
                span.set("gen_ai.request.stream", .bool(true))
                if let responded = attempt.responded {
                    let seconds = Double((responded - attempt.began).nanoseconds) / 1e9
                    span.set("gen_ai.response.time_to_first_chunk", .double(seconds))
                }
            }
        } else {
            span.set("http.request.method", .text(method.rawValue))
        }
        if let server = deployment.server {
            span.set("server.address", .text(server.host))
            span.set("server.port", .int(server.port))
        }
        span.set("http.response.status_code", attempt.status.map { .int($0) })
        if attempt.number > 1 { span.set("http.request.resend_count", .int(attempt.number - 1)) }
        span.set("gateway.deployment.id", .text(deployment.id))
        if let error = attempt.error {
            span.set("error.type", .string(error.word.description))
            // The sentence is for clients, so that it has no secrets.
            span.status = .error(error.description)
        } else if let status = attempt.status, status >= 400 {
            span.set("error.type", .string(String(status)))
            span.status = .error("")
        }
        return span
    }

    /// The name that the semantic conventions have for a provider, else the gateway's own.
    private static func providerName(_ provider: String) -> String {
        switch provider {
        case "azure": "azure.ai.openai"
        case "gemini": "gcp.gemini"
        case "mistral", "codestral": "mistral_ai"
        case "xai": "x_ai"
        case "text-completion-openai": "openai"
        default: provider
        }
    }
}

extension CacheStatus.Outcome {
    /// What the cache did, in one word.
    fileprivate var word: String {
        switch self {
        case .hit: "hit"
        case .forwarded(.bypass): "bypass"
        case .forwarded(.miss): "miss"
        case .forwarded(.request): "request"
        case .forwarded(.stale): "stale"
        }
    }
}
