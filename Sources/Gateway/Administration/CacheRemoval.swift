import HTTPSyntax
import JSON
import NIOCore
import PluginHost
import ResponseCache
import Text
import Upstream

/// `POST /cache/delete`, `/cache/flushall` and `/cache/purge`: removes entries for operators of the gateway.
///
/// Each begins with marks (`PurgeMarks`), from which on this gateway serves nothing of what is named, and tells them to the
/// gateways that share the backend. What the backend can remove by itself is removed then. It is bound to the connection's
/// event loop, and goes on to its end if the client leaves.
final class CacheRemoval {
    /// How long the backend may take to remove what a request names.
    private static let limit: TimeAmount = .seconds(30)
    /// When it is looked whether the backend's record still has the marks, which another gateway may have overwritten.
    private static let checks: [TimeAmount] = [.seconds(1), .seconds(5)]
    /// The clock that dates entries is as coarse as this.
    private static let clockPrecision: TimeAmount = .milliseconds(10)

    private let worker: Worker
    private let connection: Connection
    private var isClientGone = false

    init(worker: Worker, connection: Connection) {
        self.worker = worker
        self.connection = connection
    }

    /// Answers the request, later.
    func begin(_ kind: CacheRemovalKind, _ request: IncomingRequest) {
        if let coding = request.fields.contentEncoding { return connection.answer(.unsupportedCoding(coding)) }
        guard let cache = worker.cache, let storage = worker.storage, let backend = worker.generation.backend else {
            return connection.answer(.removalFailed("The cache is off: set 'cache: true' in litellm_settings."))
        }
        let now = worker.instant()
        do throws(APIError) {
            switch kind {
            case .delete:
                let keys = try RemovalRequest.delete(request.body, namespace: worker.generation.namespace)
                delete(keys, cache, storage, at: now)
            case .flush:
                try RemovalRequest.flush(request.body)
                flush(cache, storage, backend, at: now)
            case .purge:
                let purge = try RemovalRequest.purge(request.body, at: now.unixMilliseconds)
                try run(purge, cache, backend, at: now)
            }
        } catch {
            connection.answer(error)
        }
    }

    // MARK: Keys

    private func delete(
        _ keys: [RemovalRequest.Key],
        _ cache: ResponseCache,
        _ storage: PluginStorage,
        at now: CacheInstant
    ) {
        connection.attach(self)
        let own = keys.compactMap(\.key)
        let canDelete = worker.generation.backend?.plugin.capabilities.contains(.delete) == true
        // What the backend cannot delete must never be served again, so its mark is not dropped.
        let scopes = own.map { key -> PurgeMarks.Scope in
            canDelete ? .key(EntryLabel(key: key)) : .label(EntryLabel(key: key))
        }
        cache.purges.add(scopes, before: now.unixMilliseconds + 1, at: now.unixMilliseconds)
        for key in own { worker.generation.pendingStores.remove(key) }
        publish(cache) { [self] failure in
            guard canDelete, !own.isEmpty else { return finish(failure, Self.answer(keys, [])) }
            storage.port.delete(keys: own.map(\.description), deadline: .now() + Self.limit) { [self] outcomes in
                // Another gateway may have stored one before it knew.
                later(worker.generation.noticedWithin + .seconds(1)) { cache.removeFromStorage(own) }
                let failed = outcomes.lazy.compactMap { if case .failure(let reason) = $0 { reason } else { nil } }
                    .first
                guard failure == nil, let failed else { return finish(failure, Self.answer(keys, outcomes)) }
                let reason = failed.described(storage.port.failureText)
                answer(.removalFailed("The backend did not delete every entry: \(reason). Send the request again."))
            }
        }
    }

    private static func answer(_ keys: [RemovalRequest.Key], _ outcomes: [WriteOutcome]) -> String {
        var next = 0
        var deleted = 0
        let results = keys.map { key -> StaticString in
            guard key.key != nil else { return "foreign" }
            defer { next += 1 }
            guard outcomes.indices.contains(next) else { return "purged" }
            guard outcomes[next] == .done else { return "absent" }
            deleted += 1
            return "deleted"
        }
        return JSONWriter.object { report in
            report.member("status", "success")
            report.member("deleted") { $0.integer(deleted) }
            report.member("keys") { json in
                json.array { list in
                    for (key, result) in zip(keys, results) {
                        list.object { members in
                            members.member("key", key.text)
                            members.member("result", "\(result)")
                        }
                    }
                }
            }
        }
    }

    // MARK: Everything

    private func flush(_ cache: ResponseCache, _ storage: PluginStorage, _ backend: Backend, at now: CacheInstant) {
        connection.attach(self)
        cache.purges.add([.all], before: now.unixMilliseconds + 1, at: now.unixMilliseconds)
        worker.generation.pendingStores.removeAll()
        publish(cache) { [self] failure in
            guard failure == nil, backend.plugin.capabilities.contains(.flush) else {
                let reason = "the backend cannot remove the entries of a namespace; none of them is served any more"
                return finish(failure, Self.flushed(nil, reason))
            }
            let prefix = CacheKey.prefix(namespace: worker.generation.namespace, clientNamespace: nil) + ":"
            storage.port.flush(prefix: prefix, deadline: .now() + Self.limit) { [self] result in
                let text = storage.port.failureText
                // The record of purges was among what was removed.
                publish(cache) { [self] failure in
                    switch result {
                    case .success(let removed):
                        let records: UInt64 = cache.purges.recordKey == nil ? 0 : 1
                        finish(failure, Self.flushed(removed - min(removed, records), nil))
                    case .failure(let reason):
                        let words = "no entry is served any more, but the backend has not removed all of them: "
                        finish(failure, Self.flushed(nil, words + reason.described(text)))
                    }
                }
            }
        }
    }

    private static func flushed(_ removed: UInt64?, _ detail: String?) -> String {
        JSONWriter.object { report in
            report.member("status", "success")
            report.member("removed") { if let removed { $0.integer(removed) } else { $0.null() } }
            if let detail { report.member("detail", detail) }
        }
    }

    // MARK: Marks

    private func run(
        _ purge: RemovalRequest.Purge,
        _ cache: ResponseCache,
        _ backend: Backend,
        at now: CacheInstant
    ) throws(APIError) {
        let scope = try scope(of: purge)
        let before = purge.before ?? now.unixMilliseconds + 1
        if purge.isDryRun { return connection.answer(json: Self.dryRun(purge, before, backend)) }
        connection.attach(self)
        cache.purges.add([scope], before: before, at: now.unixMilliseconds)
        publish(cache) { [self] failure in finish(failure, Self.purged(purge, before)) }
    }

    private func scope(of purge: RemovalRequest.Purge) throws(APIError) -> PurgeMarks.Scope {
        guard let (kind, name) = purge.scope else { return .all }
        var labelled = name
        if kind == .model {
            // An alias stands for its model, of which entries have the name.
            guard let group = worker.generation.models.group(named: name) else {
                throw worker.generation.refusal(of: name, for: nil)
            }
            labelled = group.name
        } else if kind == .tenant, let refusal = worker.generation.refusal(ofTenant: name) {
            throw refusal
        }
        do {
            return .label(try EntryLabel(kind, labelled.utf8))
        } catch {
            throw .internalFailure("\(error)")
        }
    }

    private static func purged(_ purge: RemovalRequest.Purge, _ before: UInt64) -> String {
        JSONWriter.object { report in
            report.member("status", "success")
            write(purge, before, to: &report)
        }
    }

    private static func write(_ purge: RemovalRequest.Purge, _ before: UInt64, to report: inout JSONWriter) {
        switch purge.scope {
        case (.model, let name)?: report.member("model", name)
        case (.tenant, let name)?: report.member("tenant", name)
        case (.tag, let name)?: report.member("tag", name)
        case nil: break
        }
        report.member("before", InternetTime.format(milliseconds: before))
    }

    /// No backend counts entries by what a purge names. A cache of this gateway alone knows how many there are in all.
    private static func dryRun(_ purge: RemovalRequest.Purge, _ before: UInt64, _ backend: Backend) -> String {
        let isEverything = purge.scope == nil && purge.before == nil
        let isOwn = !backend.plugin.capabilities.contains(.shared)
        let items = isEverything && isOwn ? backend.statistics.first { $0.name == "items" }?.value : nil
        return JSONWriter.object { report in
            report.member("status", "success")
            report.member("dry_run") { $0.bool(true) }
            write(purge, before, to: &report)
            report.member("would_remove") { if let items { $0.integer(items) } else { $0.null() } }
            if items == nil {
                let type = backend.plugin.type.name
                report.member(
                    "reason",
                    isEverything
                        ? "the cache '\(type)' does not count the entries of this gateway's namespace"
                        : "the cache '\(type)' does not count entries by model, tenant, tag or time; a purge is a mark that is "
                            + "compared with an entry when it is found"
                )
            }
        }
    }

    // MARK: The end

    /// Tells the marks to other gateways, and looks later whether they have been overwritten.
    private func publish(_ cache: ResponseCache, _ then: @escaping (StorageFailure?) -> Void) {
        cache.publishPurges(now: { [worker] in worker.instant() }, completion: then)
        guard cache.purges.recordKey != nil else { return }
        for delay in Self.checks {
            later(delay) { [worker] in cache.publishPurges(now: { worker.instant() }) { _ in } }
        }
    }

    /// Answers once the clock has passed the marks, so that whatever is asked after the answer is not covered by them.
    private func finish(_ failure: StorageFailure?, _ json: String) {
        if let failure {
            return answer(
                .removalFailed(
                    "This gateway serves no entry of these any more, but the backend does not keep the record that tells "
                        + "other gateways, and this one after a restart: \(failure). It is written again once the backend "
                        + "answers; send the request again to be sure."
                )
            )
        }
        later(Self.clockPrecision) { [self] in
            if !isClientGone { connection.answer(json: json) }
        }
    }

    private func answer(_ error: APIError) {
        if !isClientGone { connection.answer(error) }
    }

    private func later(_ delay: TimeAmount, _ body: @escaping () -> Void) {
        worker.eventLoop.assumeIsolated().scheduleTask(in: delay, body)
    }
}

extension CacheRemoval: Exchange {
    func clientGone() { isClientGone = true }

    func clientTakesMore(_ takesMore: Bool) {}
}

extension APIError {
    /// 404: no key has the name of a tenant. Nobody can be served its entries.
    static func unknownTenant(_ name: String, nearest: String?) -> APIError {
        let hint = nearest.map { "did you mean '\($0)'?" } ?? "general_settings.keys has the names."
        return APIError(
            status: 404,
            message: "There is no tenant '\(name.quotable)'; \(hint)",
            type: "invalid_request_error",
            parameter: "tenant",
            code: "tenant_not_found"
        )
    }

    /// 503: entries could not be removed everywhere.
    static func removalFailed(_ message: String) -> APIError {
        APIError(status: 503, message: message, type: "cache_removal_error", parameter: nil, code: "503")
    }
}
