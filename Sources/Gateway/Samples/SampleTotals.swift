import MetricFamilies

/// What has been counted since the process began, as far as it is sampled. No figure ever decreases.
struct SampleTotals: Sendable, Equatable {
    /// The requests for one model.
    struct Model: Sendable, Equatable {
        var requests: UInt64 = 0
        var hits: UInt64 = 0
        /// The tokens, of input and output, that were not spent because no call was made.
        var savedTokens: UInt64 = 0
        var savedDollars = 0.0
    }

    /// Calls of clients that a model answers, whatever came of them.
    var requests: UInt64 = 0
    /// Those that were answered from the cache.
    var hits: UInt64 = 0
    /// Those that were not found in the cache, or for which it was not asked.
    var misses: UInt64 = 0
    /// Those that waited for the call of another one.
    var coalesced: UInt64 = 0
    /// Those that were answered with a status of 500 or more.
    var errors: UInt64 = 0
    var savedInputTokens: UInt64 = 0
    var savedOutputTokens: UInt64 = 0
    var savedDollars = 0.0
    var hitLatency = HistogramCounts(bounds: .requestTimes)
    var missLatency = HistogramCounts(bounds: .requestTimes)
    /// Misses by their reason, of which there is a bounded number.
    var reasons: [String: UInt64] = [:]
    /// By the configured name.
    var models: [String: Model] = [:]

    /// What was added since an earlier state. Reasons and models to which nothing was added are left out.
    func since(_ earlier: SampleTotals) -> SampleTotals {
        func more(_ now: UInt64, _ before: UInt64) -> UInt64 { now >= before ? now - before : 0 }
        var added = SampleTotals()
        added.requests = more(requests, earlier.requests)
        added.hits = more(hits, earlier.hits)
        added.misses = more(misses, earlier.misses)
        added.coalesced = more(coalesced, earlier.coalesced)
        added.errors = more(errors, earlier.errors)
        added.savedInputTokens = more(savedInputTokens, earlier.savedInputTokens)
        added.savedOutputTokens = more(savedOutputTokens, earlier.savedOutputTokens)
        added.savedDollars = max(0, savedDollars - earlier.savedDollars)
        added.hitLatency = hitLatency.since(earlier.hitLatency)
        added.missLatency = missLatency.since(earlier.missLatency)
        for (reason, count) in reasons {
            let count = more(count, earlier.reasons[reason] ?? 0)
            if count > 0 { added.reasons[reason] = count }
        }
        for (name, model) in models {
            let before = earlier.models[name] ?? Model()
            guard model.requests > before.requests else { continue }
            added.models[name] = Model(
                requests: model.requests - before.requests,
                hits: more(model.hits, before.hits),
                savedTokens: more(model.savedTokens, before.savedTokens),
                savedDollars: max(0, model.savedDollars - before.savedDollars)
            )
        }
        return added
    }

    /// Adds what was counted in another time.
    mutating func add(_ other: SampleTotals) {
        requests &+= other.requests
        hits &+= other.hits
        misses &+= other.misses
        coalesced &+= other.coalesced
        errors &+= other.errors
        savedInputTokens &+= other.savedInputTokens
        savedOutputTokens &+= other.savedOutputTokens
        savedDollars += other.savedDollars
        hitLatency.add(other.hitLatency)
        missLatency.add(other.missLatency)
        for (reason, count) in other.reasons { reasons[reason, default: 0] &+= count }
        for (name, model) in other.models {
            models[name, default: Model()].requests &+= model.requests
            models[name, default: Model()].hits &+= model.hits
            models[name, default: Model()].savedTokens &+= model.savedTokens
            models[name, default: Model()].savedDollars += model.savedDollars
        }
    }
}

/// What there is at one time.
struct SampleGauges: Sendable, Equatable {
    /// The open connections of clients.
    var connections = 0
    /// The calls to models in progress.
    var calls = 0
    /// The requests that wait for them.
    var waiting = 0
    /// The resident memory of the process in bytes. It is nil where the system does not tell it.
    var residentBytes: Int?
    /// `up`, `degraded` or `down`. It is nil where the cache is off.
    var backendState: String?
}
