import Logging
import NIOCore
import Synchronization
import Upstream

/// Logs when models fail and when they work again, in a few lines a minute for each deployment. It is shared by all
/// event loops, and is not notified of calls that succeed.
final class ModelLog: UpstreamEvents {
    private let log: Logger
    private let limited: LimitedLog
    private let events: EventJournal
    /// The notices of each deployment that has ever failed.
    private let rotation = Mutex<[ObjectIdentifier: RotationNotices]>([:])

    init(_ log: Logger, limited: LimitedLog, events: EventJournal = EventJournal()) {
        self.log = log
        self.events = events
        self.limited = limited
    }

    func attemptFailed(_ failure: AttemptFailure, of deployment: Deployment, in group: ModelGroup) {
        let name = Self.name(deployment, group)
        limited.write(
            .warning,
            .modelFailure,
            about: "\(group.configuredName) \(deployment.id) \(failure.reason)",
            "\(name): \(failure.sentence(deployment))"
        )
        let leftOut = change(deployment) { $0.failed(now: NIODeadline.now().uptimeNanoseconds) }
        if let leftOut { tellLeft(name, group, leftOut) }
    }

    func leftRotation(_ deployment: Deployment, of group: ModelGroup) {
        let leftOut = change(deployment) { $0.left(now: NIODeadline.now().uptimeNanoseconds) }
        if let leftOut { tellLeft(Self.name(deployment, group), group, leftOut) }
    }

    func returnedToRotation(_ deployment: Deployment, of group: ModelGroup) {
        guard change(deployment, { $0.returned() }) else { return }
        let text = "\(Self.name(deployment, group)) answers again and is back in rotation"
        log.notice("\(text)")
        events.note(.rotation, .recovery, text)
    }

    private func tellLeft(_ name: String, _ group: ModelGroup, _ leftOut: Int) {
        let others = group.deployments.count - 1
        let consequence =
            others == 0
            ? "requests still go to it, since the model has no other deployment"
            : "requests go to the other \(others == 1 ? "one" : "\(others)") of the model first"
        let before = leftOut == 0 ? "" : "; \(leftOut) more time\(leftOut == 1 ? "" : "s") since that was logged last"
        let text = "\(name) is taken out of rotation after failures; \(consequence)\(before)"
        log.warning("\(text)")
        events.note(.rotation, .warning, text)
    }

    private func change<Notice>(_ deployment: Deployment, _ body: (inout RotationNotices) -> Notice) -> Notice {
        rotation.withLock { body(&$0[ObjectIdentifier(deployment), default: RotationNotices()]) }
    }

    private static func name(_ deployment: Deployment, _ group: ModelGroup) -> String {
        let place = deployment.origin.map { " at \($0)" } ?? ""
        return "model '\(group.configuredName)' (\(deployment.provider)/\(deployment.model)\(place))"
    }
}

extension AttemptFailure {
    fileprivate func sentence(_ deployment: Deployment) -> String {
        switch self {
        case .status(401), .status(403): "refuses the deployment's key (\(reason))"
        case .status: "answered \(reason)"
        // The text of the libraries is for the log alone.
        case .error(let error): error.description + (error.detail.map { " (\($0.prefix(500)))" } ?? "")
        }
    }
}
