import MetricFamilies
import NIOCore
import ResponseCache
import Upstream

/// The labels of the requests that are counted together. All come from the configuration or from tables of the gateway's.
struct RequestLabels: Sendable, Hashable {
    let endpoint: String
    let model: String
    let key: String
    let status: String
    let cache: CacheOutcome
    /// Why the cache had no answer. It is empty where it had one, or no part in the request.
    let reason: String
}

/// Counts the requests with the same labels. It is bound to its event loop.
final class RequestCell {
    /// Tokens, and what they cost.
    struct Tokens: Sendable {
        var input: UInt64 = 0
        var output: UInt64 = 0
        var cachedInput: UInt64 = 0
        var dollars = 0.0
    }

    let labels: RequestLabels
    let endpoint: EndpointCell
    let model: ModelCell
    private(set) var requests: UInt64 = 0
    private(set) var spent = Tokens()
    private(set) var saved = Tokens()

    init(_ labels: RequestLabels, _ endpoint: EndpointCell, _ model: ModelCell) {
        self.labels = labels
        self.endpoint = endpoint
        self.model = model
    }

    /// Counts a request that has ended.
    ///
    /// - Parameter prices: what its tokens cost. It is nil where that is not known.
    @inline(__always)
    func count(_ transaction: borrowing Transaction, _ prices: TokenPrices?) {
        requests &+= 1
        endpoint.count(transaction)
        guard transaction.group != nil else { return }
        let savesCall = transaction.savesCall
        model.count(transaction, savesCall: savesCall)
        if let usage = transaction.spentTokens { spent.add(usage, prices) }
        if let usage = transaction.savedTokens { saved.add(usage, prices) }
    }
}

extension RequestCell.Tokens {
    /// Adds what a model has reported, which may be anything.
    mutating func add(_ usage: TokenUsage, _ prices: TokenPrices?) {
        input &+= UInt64(clamping: usage.input)
        output &+= UInt64(clamping: usage.output)
        cachedInput &+= UInt64(clamping: usage.cachedInput)
        if let prices { dollars += prices.cost(of: usage) }
    }
}

/// Measures the requests to one endpoint that had the same outcome. It is bound to its event loop.
final class EndpointCell {
    let endpoint: String
    let cache: CacheOutcome
    let duration = Histogram(.requestTimes)
    let lookup = Histogram(.backendTimes)
    private(set) var receivedBytes: UInt64 = 0
    private(set) var sentBytes: UInt64 = 0
    private(set) var clientsGone: UInt64 = 0
    private(set) var cutOff: UInt64 = 0

    init(_ endpoint: String, _ cache: CacheOutcome) {
        self.endpoint = endpoint
        self.cache = cache
    }

    @inline(__always)
    func count(_ transaction: borrowing Transaction) {
        receivedBytes &+= UInt64(clamping: transaction.receivedBytes)
        sentBytes &+= UInt64(clamping: transaction.sentBytes)
        if let time = transaction.lookup { lookup.record(time.nanoseconds) }
        guard let end = transaction.end else { return }
        duration.record((end.at - transaction.began).nanoseconds)
        switch end.how {
        case .answered: break
        case .clientGone: clientsGone &+= 1
        case .cutOff: cutOff &+= 1
        }
    }
}

/// Measures the requests for one model that had the same outcome. It is bound to its event loop.
final class ModelCell {
    let model: String
    let cache: CacheOutcome
    let firstToken = Histogram(.requestTimes)
    let betweenTokens = Histogram(.pieceTimes)
    let upstream = Histogram(.requestTimes)
    let age = Histogram(.ages)
    private(set) var stores: UInt64 = 0
    private(set) var skippedStores: [NotStored: UInt64] = [:]

    init(_ model: String, _ cache: CacheOutcome) {
        self.model = model
        self.cache = cache
    }

    @inline(__always)
    func count(_ transaction: borrowing Transaction, savesCall: Bool) {
        if let seconds = transaction.age { age.record(seconds) }
        if !savesCall, let time = transaction.upstream { upstream.record(time.nanoseconds) }
        if let first = transaction.firstPiece, let last = transaction.lastPiece {
            firstToken.record((first - transaction.began).nanoseconds)
            if transaction.pieces > 1 {
                betweenTokens.record((last - first).nanoseconds / Int64(transaction.pieces - 1))
            }
        }
        switch transaction.storing {
        case nil: break
        case .handedOver, .unconfirmed: stores &+= 1
        case .notStored(let reason): skippedStores[reason, default: 0] &+= 1
        }
    }
}
