import Configuration
import MetricFamilies
import NIOCore
import ResponseCache
import Upstream

/// Counts the requests of one event loop. It is bound to that loop, so that it needs no lock and no atomic.
///
/// A request finds its cell by comparing what identifies its labels with what the request before had, and otherwise by a
/// hash of that: addresses and numbers, and no text. The cells themselves are told apart by their labels, so that they
/// outlive a configuration. Their number is limited; what is beyond it is counted under the model and the key `other`.
final class RequestMetrics: TransactionObserver {
    /// How many cells there may be, in which models and keys are told apart.
    static let mostCells = 4_000
    /// How many cells of models there may be.
    static let mostModels = 1_000
    /// The label of what is beyond the limits.
    static let other = "other"

    /// What identifies the labels of a request, while the configurations exist that it refers to.
    private struct Identity: Hashable {
        let group: ModelGroup.Identity?
        let tenant: ObjectIdentifier?
        let isMaster: Bool
        let endpoint: MeteredEndpoint
        let status: Int
        let cache: CacheOutcome
        /// Where the text of the reason is, which is a constant of the program.
        let reason: UnsafePointer<UInt8>?
    }

    /// A cell with what identifies it, which is kept so that no other has its address.
    private final class Known {
        let group: ModelGroup?
        let tenant: Tenant?
        let isMaster: Bool
        let endpoint: MeteredEndpoint
        let status: Int
        let cache: CacheOutcome
        let reason: UnsafePointer<UInt8>?
        let cell: RequestCell
        /// What tokens cost where it is not known which deployment made the answer, as for one from the cache.
        private let prices: TokenPrices?

        init(_ transaction: borrowing Transaction, _ identity: Identity, _ cell: RequestCell) {
            group = transaction.group
            tenant = transaction.caller.tenant
            isMaster = identity.isMaster
            endpoint = identity.endpoint
            status = identity.status
            cache = identity.cache
            reason = identity.reason
            prices = group?.isMadeForName == false ? group?.prices(of: nil) : nil
            self.cell = cell
        }

        // These are inlined, because each of them is called for each request, and from one place.
        @inline(__always)
        func count(_ transaction: borrowing Transaction) {
            guard transaction.usage != nil || transaction.saved != nil, let group = transaction.group else {
                return cell.count(transaction, nil)
            }
            if transaction.producer == nil, !group.isMadeForName { return cell.count(transaction, prices) }
            cell.count(transaction, group.prices(of: transaction.producer))
        }
    }

    private struct CellName: Hashable {
        let name: String
        let cache: CacheOutcome
    }

    private let endpointNames: EndpointNames
    private var last: Known?
    private var known: [Identity: Known] = [:]
    private var cells: [RequestLabels: RequestCell] = [:]
    private var endpoints: [CellName: EndpointCell] = [:]
    private var models: [CellName: ModelCell] = [:]

    /// - Parameter endpoints: the names of what requests ask for.
    init(endpoints: EndpointNames = .served) {
        endpointNames = endpoints
    }

    func ended(_ transaction: borrowing Transaction) {
        let status = transaction.cacheStatus
        let cache = CacheOutcome(status)
        let reason = cache.isMiss ? status?.reason : nil
        let endpoint = MeteredEndpoint(transaction.route)
        let (tenant, isMaster): (Tenant?, Bool) =
            switch transaction.caller {
            case .anonymous: (nil, false)
            case .master: (nil, true)
            case .tenant(let tenant): (tenant, false)
            }
        if let last, last.group === transaction.group, last.status == transaction.status, last.cache == cache,
            last.endpoint == endpoint, last.isMaster == isMaster, last.tenant === tenant,
            last.reason == reason?.utf8Start
        {
            return last.count(transaction)
        }
        let identity = Identity(
            group: transaction.group?.identity,
            tenant: tenant.map { ObjectIdentifier($0) },
            isMaster: isMaster,
            endpoint: endpoint,
            status: transaction.status,
            cache: cache,
            reason: reason?.utf8Start
        )
        let found = known[identity] ?? note(transaction, identity, reason)
        last = found
        found.count(transaction)
    }

    /// Another configuration is in force. What refers to the one before is released; what was counted stays.
    func forgetConfiguration() {
        last = nil
        known = [:]
    }

    // MARK: Cells

    private func note(
        _ transaction: borrowing Transaction,
        _ identity: Identity,
        _ reason: StaticString?
    ) -> Known {
        var model = transaction.group?.configuredName ?? ""
        var key =
            switch transaction.caller {
            case .anonymous: ""
            case .master: KeySettings.masterName
            case .tenant(let tenant): tenant.name
            }
        let endpoint = endpointNames.name(of: transaction.route)
        let status = (100...599).contains(identity.status) ? "\(identity.status)" : "none"
        var labels: RequestLabels {
            RequestLabels(
                endpoint: endpoint,
                model: model,
                key: key,
                status: status,
                cache: identity.cache,
                reason: reason?.description ?? ""
            )
        }
        if cells[labels] == nil, cells.count >= Self.mostCells {
            if !model.isEmpty { model = Self.other }
            if !key.isEmpty { key = Self.other }
        }
        let cell = cells[labels] ?? RequestCell(labels, cell(ofEndpoint: endpoint, identity), cell(of: model, identity))
        cells[cell.labels] = cell
        if known.count >= 2 * Self.mostCells { known = [:] }
        let entry = Known(transaction, identity, cell)
        known[identity] = entry
        return entry
    }

    private func cell(ofEndpoint endpoint: String, _ identity: Identity) -> EndpointCell {
        let name = CellName(name: endpoint, cache: identity.cache)
        let cell = endpoints[name] ?? EndpointCell(endpoint, identity.cache)
        endpoints[name] = cell
        return cell
    }

    private func cell(of model: String, _ identity: Identity) -> ModelCell {
        var name = CellName(name: model, cache: identity.cache)
        if models[name] == nil, models.count >= Self.mostModels {
            name = CellName(name: Self.other, cache: identity.cache)
        }
        let cell = models[name] ?? ModelCell(name.name, identity.cache)
        models[name] = cell
        return cell
    }

    // MARK: Reading

    /// What was counted so far, to be made into samples on another thread.
    var reading: RequestReading {
        RequestReading(
            requests: cells.values.map {
                .init(labels: $0.labels, requests: $0.requests, spent: $0.spent, saved: $0.saved)
            },
            endpoints: endpoints.values.map { EndpointReading($0) },
            models: models.values.map { ModelReading($0) }
        )
    }
}
