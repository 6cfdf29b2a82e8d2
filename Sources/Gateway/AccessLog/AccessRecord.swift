import HTTPSyntax
import NIOCore
import ResponseCache

/// What the access log says of one request: its fields, in their order. A field without a value is left out.
///
/// It has no content of the request or the answer, no header field and no key. A key is named by its name.
struct AccessRecord {
    /// The value of a field.
    enum Value: CustomStringConvertible {
        case text(String)
        case id(RequestID)
        case word(StaticString)
        case integer(Int)
        /// An amount in US dollars.
        case dollars(Double)
        /// A duration, which is written in milliseconds.
        case duration(TimeAmount)
        case flag

        var description: String {
            switch self {
            case .text(let text): text
            case .id(let id): id.description
            case .word(let word): word.description
            case .integer(let number): String(number)
            case .dollars(let amount): amount.description
            case .duration(let duration): "\(Double(duration.nanoseconds / 1_000) / 1_000)"
            case .flag: "true"
            }
        }
    }

    /// Hands each field of a record to `take`, with the name and the value.
    static func forEachField(
        of transaction: borrowing Transaction,
        _ endpoints: EndpointNames,
        _ take: (StaticString, Value) -> Void
    ) {
        take("request_id", .id(transaction.id))
        switch transaction.caller {
        case .anonymous: break
        case .master: take("key", .word("master"))
        case .tenant(let tenant): take("key", .text(tenant.name))
        }
        let endpoint = endpoints.name(of: transaction.route)
        if !endpoint.isEmpty { take("endpoint", .text(endpoint)) }
        if let model = transaction.model { take("model", .text(model)) }
        if let deployment = transaction.deployment { take("deployment", .text(deployment)) }
        // An answer of which nothing could be sent has no status.
        if transaction.status != 0 { take("status", .integer(transaction.status)) }
        if let status = transaction.cacheStatus { forEachField(of: status, take) }
        if let age = transaction.age { take("age_s", .integer(Int(clamping: age))) }
        if let total = transaction.duration { take("total_ms", .duration(total)) }
        if let lookup = transaction.lookup { take("lookup_ms", .duration(lookup)) }
        if let firstByte = transaction.firstByte { take("first_byte_ms", .duration(firstByte)) }
        if let upstream = transaction.upstream { take("upstream_ms", .duration(upstream)) }
        take("received_bytes", .integer(transaction.receivedBytes))
        take("sent_bytes", .integer(transaction.sentBytes))
        if transaction.isStream { take("pieces", .integer(transaction.pieces)) }
        if let spent = transaction.spentTokens {
            take("input_tokens", .integer(spent.input))
            take("output_tokens", .integer(spent.output))
            if spent.cachedInput > 0 { take("provider_cached_tokens", .integer(spent.cachedInput)) }
        }
        if let spent = transaction.spentDollars { take("spent_usd", .dollars(spent)) }
        if let saved = transaction.savedTokens {
            take("saved_input_tokens", .integer(saved.input))
            take("saved_output_tokens", .integer(saved.output))
        }
        if let saved = transaction.savedDollars { take("saved_usd", .dollars(saved)) }
        switch transaction.end?.how {
        case .answered: take("end", .word("answered"))
        case .cutOff: take("end", .word("cut_off"))
        case .clientGone: take("end", .word("client_gone"))
        case nil: break
        }
    }

    /// What the cache did, why, and what came of the answer.
    private static func forEachField(of status: CacheStatus, _ take: (StaticString, Value) -> Void) {
        switch status.outcome {
        case .hit: take("cache", .word("hit"))
        case .forwarded(.bypass): take("cache", .word("bypass"))
        case .forwarded: take("cache", .word("miss"))
        }
        take("reason", .word(status.reason))
        if status.isStored { take("stored", .flag) }
        if status.isCollapsed { take("collapsed", .flag) }
    }
}
