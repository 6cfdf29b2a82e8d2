import MetricFamilies
import ResponseCache

/// What one event loop has counted of its requests, copied on that loop.
struct RequestReading: Sendable {
    struct Requests: Sendable {
        let labels: RequestLabels
        let requests: UInt64
        let spent: RequestCell.Tokens
        let saved: RequestCell.Tokens
    }

    let requests: [Requests]
    let endpoints: [EndpointReading]
    let models: [ModelReading]

    /// [any thread] Adds what was counted to the samples of other loops.
    func add(to samples: inout MetricSamples) {
        for cell in requests { cell.add(to: &samples) }
        for cell in endpoints { cell.add(to: &samples) }
        for cell in models { cell.add(to: &samples) }
    }
}

extension RequestReading.Requests {
    func add(to samples: inout MetricSamples) {
        let cache = labels.cache
        samples.add(
            count: requests,
            to: MetricFamily.Requests.total,
            labels.endpoint,
            labels.model,
            labels.key,
            labels.status,
            cache.label
        )
        if cache == .coalesced { samples.add(count: requests, to: MetricFamily.Requests.coalesced, labels.model) }
        if cache.isMiss { samples.add(count: requests, to: MetricFamily.Cache.misses, labels.model, labels.reason) }
        let (model, key) = (labels.model, labels.key)
        samples.add(count: spent.input, to: MetricFamily.Usage.spentTokens, model, key, "input")
        samples.add(count: spent.output, to: MetricFamily.Usage.spentTokens, model, key, "output")
        samples.add(count: spent.cachedInput, to: MetricFamily.Usage.providerCached, model, key)
        samples.add(count: saved.input, to: MetricFamily.Usage.savedTokens, model, key, "input")
        samples.add(count: saved.output, to: MetricFamily.Usage.savedTokens, model, key, "output")
        if spent.dollars > 0 { samples.add(spent.dollars, to: MetricFamily.Usage.spentDollars, model, key) }
        if saved.dollars > 0 { samples.add(saved.dollars, to: MetricFamily.Usage.savedDollars, model, key) }
    }
}

/// What an `EndpointCell` has measured.
struct EndpointReading: Sendable {
    private let endpoint: String
    private let cache: String
    private let duration: HistogramCounts?
    private let lookup: HistogramCounts?
    private let bytes: (received: UInt64, sent: UInt64)
    private let unfinished: (clientsGone: UInt64, cutOff: UInt64)

    init(_ cell: EndpointCell) {
        endpoint = cell.endpoint
        cache = cell.cache.label
        duration = cell.duration.counts
        lookup = cell.lookup.counts
        bytes = (cell.receivedBytes, cell.sentBytes)
        unfinished = (cell.clientsGone, cell.cutOff)
    }

    func add(to samples: inout MetricSamples) {
        samples.add(duration, to: MetricFamily.Requests.duration, endpoint, cache)
        samples.add(lookup, to: MetricFamily.Cache.lookup, cache)
        samples.add(count: bytes.received, to: MetricFamily.Requests.received, endpoint)
        samples.add(count: bytes.sent, to: MetricFamily.Requests.sent, endpoint)
        samples.add(count: unfinished.clientsGone, to: MetricFamily.Requests.unfinished, endpoint, "client_gone")
        samples.add(count: unfinished.cutOff, to: MetricFamily.Requests.unfinished, endpoint, "cut_off")
    }
}

/// What a `ModelCell` has measured.
struct ModelReading: Sendable {
    private let model: String
    private let cache: String
    private let firstToken: HistogramCounts?
    private let betweenTokens: HistogramCounts?
    private let upstream: HistogramCounts?
    private let age: HistogramCounts?
    private let stores: UInt64
    private let skippedStores: [NotStored: UInt64]

    init(_ cell: ModelCell) {
        model = cell.model
        cache = cell.cache.label
        firstToken = cell.firstToken.counts
        betweenTokens = cell.betweenTokens.counts
        upstream = cell.upstream.counts
        age = cell.age.counts
        stores = cell.stores
        skippedStores = cell.skippedStores
    }

    func add(to samples: inout MetricSamples) {
        samples.add(firstToken, to: MetricFamily.Requests.firstToken, model, cache)
        samples.add(betweenTokens, to: MetricFamily.Requests.betweenTokens, model, cache)
        samples.add(upstream, to: MetricFamily.Upstream.duration, model)
        samples.add(age, to: MetricFamily.Cache.age, model)
        samples.add(count: stores, to: MetricFamily.Cache.stores, model)
        for (reason, count) in skippedStores {
            samples.add(count: count, to: MetricFamily.Cache.skipped, model, reason.reason.description)
        }
    }
}
