import Logging
import NIOCore
import ResponseCache
import Synchronization

/// Logs when the cache does not answer: once when that begins, and once when it is over. It is shared by all event
/// loops. While the cache works it costs a look-up one load of a word that is not written.
final class OutageLog: Sendable {
    private let log: Logger
    private let limited: LimitedLog
    private let isOn = Atomic<Bool>(false)
    private let outage = Mutex(Outage())
    private let storeOutage = Mutex(Outage())

    private let events: EventJournal

    /// Whether the backend's plugin itself reports which part of the backend does not answer in time.
    private let pluginReports: Bool

    init(_ log: Logger, limited: LimitedLog, events: EventJournal = EventJournal(), pluginReports: Bool = false) {
        self.log = log
        self.events = events
        self.limited = limited
        self.pluginReports = pluginReports
    }

    /// A look-up was a hit.
    func noteHit() {
        if isOn.load(ordering: .relaxed) { succeeded() }
    }

    /// A look-up was a miss: because there was no such entry, or because the backend failed.
    func note(_ miss: CacheMiss) {
        switch miss {
        case .failed(let failure) where failure.code == .tooLarge || failure.code == .corrupt:
            limited.write(.warning, .unreadableEntry, "an entry in the cache could not be used: \(failure)")
        case .failed(let failure) where isReportedByPlugin(failure):
            // The plugin reports each of the backend's parts, and the breaker reports the whole.
            break
        case .failed(let failure):
            failed(failure)
        case .absent, .expired, .purged, .unverified:
            noteHit()
        case .unreadable(let fault):
            noteHit()
            limited.write(
                .warning,
                .unreadableEntry,
                "an entry in the cache could not be used and was deleted: \(fault)"
            )
        case .bypassed, .notWanted, .tooOld, .withoutUsage:
            break
        }
    }

    /// The backend did not keep an entry, or `failure` is nil and it kept one after that.
    /// - Returns: whether stores count as failing.
    func noteStore(_ failure: StorageFailure?) -> Bool {
        switch failure {
        case nil:
            let notice = storeOutage.withLock { $0.succeeded(now: .now()) }
            if case .ended(let failures, let lasted) = notice {
                note(.recovery, "answers are stored again; \(failures) were not within \(Self.seconds(lasted)) s")
            }
        case let failure? where failure.code == .tooLarge || isReportedByPlugin(failure):
            log.debug("an answer was not stored: \(failure)")
        case let failure?:
            let notice = storeOutage.withLock { $0.failed(now: .now()) }
            // Of a backend that does not answer look-ups either, that is in the log.
            if notice == .began, !isOn.load(ordering: .relaxed) {
                note(.warning, "\(failure); answers are not stored")
            } else {
                log.debug("an answer was not stored: \(failure)")
            }
        }
        return storeOutage.withLock(\.isOn)
    }

    /// Whether the plugin itself reports the part of the backend that has failed.
    private func isReportedByPlugin(_ failure: StorageFailure) -> Bool {
        failure.code == .partial || (failure.code == .timeout && pluginReports)
    }

    private static func seconds(_ time: TimeAmount) -> Int64 { time.nanoseconds / 1_000_000_000 }

    private func failed(_ failure: StorageFailure) {
        let notice = change { $0.failed(now: .now()) }
        if notice == .began { note(.warning, "\(failure); requests go upstream without the cache") }
    }

    private func succeeded() {
        let notice = change { $0.succeeded(now: .now()) }
        guard case .ended(let failures, let lasted) = notice else { return }
        note(
            .recovery,
            "the cache backend answers again; \(failures) look-ups failed within \(Self.seconds(lasted)) s"
        )
    }

    private func note(_ severity: GatewayEvent.Severity, _ text: String) {
        log.log(level: severity == .warning ? .warning : .notice, "\(text)")
        events.note(.cache, severity, text)
    }

    private func change(_ body: (inout Outage) -> Outage.Notice?) -> Outage.Notice? {
        outage.withLock { outage in
            defer { isOn.store(outage.isOn, ordering: .relaxed) }
            return body(&outage)
        }
    }
}
