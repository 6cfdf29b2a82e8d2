import Glibc
import Subprocess

/// Runs one check in this process, for the process that started it.
public enum CheckChild {
    /// What the check is run with.
    public struct Assignment: Sendable {
        /// The check's name.
        public var check: String
        /// The library's file.
        public var library: String
        /// Parameters by name.
        public var configured: [String: String] = [:]
        /// Parameters with which start has to fail.
        public var impossible: [String: String]?
        /// The backend's places.
        public var backends: [String] = []
        /// The host's own keys, which no parameter may have.
        public var hostNames: Set<String> = []
        /// The seed of everything random.
        public var seed: UInt64
        /// How long an operation may take, in seconds.
        public var patience: Double

        public init(check: String, library: String, seed: UInt64, patience: Double) {
            self.check = check
            self.library = library
            self.seed = seed
            self.patience = patience
        }
    }

    /// Runs the check, reports its verdict on the descriptor `Subprocess.report`, and ends the process.
    public static func run(_ assignment: Assignment) -> Never {
        Subprocess.endWithParent()
        // A plugin that crashes leaves no image of the process.
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        // Nothing that the plugin starts inherits it.
        _ = fcntl(Subprocess.report, F_SETFD, FD_CLOEXEC)
        report(verdict(assignment))
        _exit(0)
    }

    private static func verdict(_ assignment: Assignment) -> ConformanceReport.Verdict {
        guard let check = ConformanceCheck.all.first(where: { $0.id.description == assignment.check }) else {
            return .failed("there is no check '\(assignment.check)'", [])
        }
        do {
            let isLoaded = check.id.group != .file && !check.needs.contains(.unloaded)
            let plugin = isLoaded ? try TestedPlugin(library: assignment.library) : .absent
            let declared = isLoaded ? DeclaredParameters(plugin.descriptor).rows.map(\.name) : []
            var configured = assignment.configured
            var backend: BackendPlace?
            if isLoaded {
                for text in assignment.backends {
                    let place = try BackendPlace(text, declared: declared)
                    configured.merge(place.parameters) { $1 }
                    backend = backend ?? place
                }
            }
            var suite = ConformanceSuite(
                plugin,
                configured,
                patience: assignment.patience,
                hasProcess: true,
                seed: assignment.seed
            )
            suite.library = assignment.library
            suite.backend = backend
            suite.impossible = assignment.impossible
            suite.hostNames = assignment.hostNames
            return suite.verdict(of: check)
        } catch {
            return .failed("\(error)", [])
        }
    }

    private static func report(_ verdict: ConformanceReport.Verdict) {
        let bytes = VerdictRecord(verdict).bytes
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                write(Subprocess.report, $0.baseAddress?.advanced(by: written), bytes.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            written += count
        }
    }
}
