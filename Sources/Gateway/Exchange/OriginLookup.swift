import NIOCore
import ResponseCache

/// Asks the cache where an object was made that this process has not seen being made. It is bound to the event loop of its
/// worker.
struct OriginLookup {
    let worker: Worker
    let connection: Connection
    /// The object's id at its provider.
    let object: [UInt8]

    /// Looks the object up and calls `goOn`, now or later, after what is known was noted among the issued ids. It is not
    /// called where the client leaves meanwhile.
    func begin(_ goOn: @escaping () -> Void) {
        guard let cache = worker.cache,
            let key = try? worker.loop.keys.key(ofObject: object, namespace: worker.generation.namespace)
        else { return goOn() }
        switch cache.lookup(key, use: .readOnly, controls: CacheControls(), at: worker.instant()) {
        case .done(let outcome):
            note(outcome)
            goOn()
        case .pending(let pending):
            connection.attach(LookupExchange(pending))
            pending.whenDone { outcome in
                note(outcome)
                goOn()
            }
        }
    }

    private func note(_ outcome: LookupOutcome) {
        switch outcome {
        case .hit(let hit):
            let body = hit.body()
            hit.release()
            worker.generation.outage.noteHit()
            guard let origin = OriginRecord.read(body) else { return }
            worker.generation.resources.issuedIDs.note(object, origin)
        case .stale(let hit): hit.release()
        case .miss(let miss): worker.generation.outage.note(miss)
        }
    }
}
