import MetricFamilies
import NIOCore
import PluginHost

/// Counts the operations of a type of cache backend on one event loop, whatever instances there are of it. It is bound to
/// that loop.
final class BackendMetrics: OperationObserver {
    /// One look-up in so many is measured where the plugin may answer it within the call, so that the clock is not read
    /// twice for each hit.
    private static let measuredShare = 64

    private struct Failure: Hashable {
        let operation: PluginOperation
        let failure: OperationFailure
    }

    let backend: String
    private var counts: [UInt64]
    private let durations: [Histogram]
    private var failures: [Failure: UInt64] = [:]
    private var lookups = 0

    /// - Parameter backend: the type of the backend.
    init(_ backend: String) {
        self.backend = backend
        counts = PluginOperation.allCases.map { _ in 0 }
        durations = PluginOperation.allCases.map { _ in Histogram(.backendTimes) }
    }

    func measuresNext() -> Bool {
        lookups &+= 1
        return lookups % Self.measuredShare == 1
    }

    func ended(_ operation: PluginOperation, failure: OperationFailure?, duration: TimeAmount?) {
        counts[operation.rawValue] &+= 1
        if let duration { durations[operation.rawValue].record(duration.nanoseconds) }
        if let failure { failures[Failure(operation: operation, failure: failure), default: 0] &+= 1 }
    }

    func refused(_ operation: PluginOperation, _ failure: OperationFailure) {
        failures[Failure(operation: operation, failure: failure), default: 0] &+= 1
    }

    /// What was counted so far, to be made into samples on another thread.
    var reading: BackendReading {
        BackendReading(
            backend: backend,
            counts: counts,
            durations: durations.map(\.counts),
            failures: failures.map { ($0.key.operation, $0.key.failure, $0.value) }
        )
    }
}

/// What a `BackendMetrics` has counted.
struct BackendReading: Sendable {
    let backend: String
    let counts: [UInt64]
    let durations: [HistogramCounts?]
    let failures: [(operation: PluginOperation, failure: OperationFailure, count: UInt64)]

    func add(to samples: inout MetricSamples) {
        for (operation, count) in zip(PluginOperation.allCases, counts) {
            samples.add(count: count, to: MetricFamily.Backend.operations, backend, operation.name)
        }
        for (operation, duration) in zip(PluginOperation.allCases, durations) {
            samples.add(duration, to: MetricFamily.Backend.duration, backend, operation.name)
        }
        for (operation, failure, count) in failures {
            samples.add(count: count, to: MetricFamily.Backend.errors, backend, operation.name, failure.code)
        }
    }
}
