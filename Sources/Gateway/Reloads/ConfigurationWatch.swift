import Dispatch
import Synchronization

/// Asks for a reload when files of the configuration change, which it looks at twice a second on a queue of its own.
///
/// It looks rather than being notified, since notifications name directories and not files: they miss what is mounted over a
/// network, and for a Kubernetes ConfigMap they would have to follow two symbolic links.
final class ConfigurationWatch: Sendable {
    private static let interval = DispatchTimeInterval.milliseconds(500)

    private struct State {
        var files: [String]
        var changes: FileChanges
    }

    private let state: Mutex<State>
    private let changed: @Sendable () -> Void
    private let queue = DispatchQueue(label: "gateway.files")

    /// - Parameters:
    ///   - files: the files to look at.
    ///   - changed: called on the watch's queue.
    init(_ files: [String], changed: @escaping @Sendable () -> Void) {
        state = Mutex(State(files: files, changes: FileChanges(Self.stamps(files))))
        self.changed = changed
    }

    /// [any thread] Looks at other files from now on.
    func watch(_ files: [String]) {
        state.withLock { state in
            guard state.files != files else { return }
            state = State(files: files, changes: FileChanges(Self.stamps(files)))
        }
    }

    /// Starts to look. It goes on until the process ends.
    func start() {
        queue.asyncAfter(deadline: .now() + Self.interval) { [self] in
            let hasChanged = state.withLock { $0.changes.observe(Self.stamps($0.files)) }
            if hasChanged { changed() }
            start()
        }
    }

    private static func stamps(_ files: [String]) -> [String: FileChanges.Stamp?] {
        Dictionary(files.map { ($0, FileChanges.Stamp.of($0)) }) { first, _ in first }
    }
}
