import Logging
import ResponseCache
import Synchronization

/// Says once per outage that the cache does not answer, and once that it does again. Shared by all event loops.
final class OutageLog: Sendable {
    private let log: Logger
    private let isOut = Atomic<Bool>(false)

    init(_ log: Logger) {
        self.log = log
    }

    /// A look-up was a miss: because there was no such entry, or because the backend failed.
    func note(_ miss: CacheMiss) {
        switch miss {
        case .failed(let failure):
            guard !isOut.exchange(true, ordering: .relaxed) else { return }
            log.warning("\(failure); requests go upstream without the cache")
        case .absent, .expired:
            guard isOut.load(ordering: .relaxed), isOut.exchange(false, ordering: .relaxed) else { return }
            log.notice("the cache backend answers again")
        case .unreadable(let fault):
            log.warning("an entry in the cache could not be used and was deleted: \(fault)")
        case .bypassed, .notWanted, .tooOld, .withoutUsage:
            break
        }
    }

    /// The backend did not keep an entry.
    func note(storeFailure failure: StorageFailure) {
        guard log.logLevel <= .debug else { return }
        log.debug("an answer was not stored: \(failure)")
    }
}
