import MetricFamilies
import Upstream

/// Counts the calls to deployments on one event loop. It is bound to that loop.
final class UpstreamMetrics: AttemptObserver {
    /// How many deployments are told apart, by the names of their models and their ids.
    private static let most = 2_000

    /// The counts of a deployment, which outlive its configuration.
    private final class Cell {
        let model: String
        let deployment: String
        var attempts: UInt64 = 0
        var cooldowns: UInt64 = 0
        var failures: [String: UInt64] = [:]

        init(_ model: String, _ deployment: String) {
            self.model = model
            self.deployment = deployment
        }
    }

    private struct Name: Hashable {
        let model: String
        let deployment: String
    }

    private var last: (deployment: Deployment, cell: Cell)?
    private var known: [ObjectIdentifier: (deployment: Deployment, cell: Cell)] = [:]
    private var cells: [Name: Cell] = [:]

    func attemptEnded(
        _ failure: AttemptFailure?,
        of deployment: Deployment,
        in group: ModelGroup,
        beganToRest: Bool
    ) {
        let cell = cell(of: deployment, in: group)
        cell.attempts &+= 1
        if beganToRest { cell.cooldowns &+= 1 }
        guard let failure else { return }
        // The reason is a word or a number of the gateway's own.
        cell.failures[failure.reason, default: 0] &+= 1
    }

    /// Another configuration is in force. What refers to the one before is released; what was counted stays.
    func forgetConfiguration() {
        last = nil
        known = [:]
    }

    private func cell(of deployment: Deployment, in group: ModelGroup) -> Cell {
        if let last, last.deployment === deployment { return last.cell }
        let found = known[ObjectIdentifier(deployment)] ?? (deployment, newCell(of: deployment, in: group))
        if known.count >= Self.most { known = [:] }
        known[ObjectIdentifier(deployment)] = found
        last = found
        return found.cell
    }

    private func newCell(of deployment: Deployment, in group: ModelGroup) -> Cell {
        var name = Name(model: group.configuredName, deployment: deployment.id)
        if cells[name] == nil, cells.count >= Self.most {
            name = Name(model: RequestMetrics.other, deployment: RequestMetrics.other)
        }
        let cell = cells[name] ?? Cell(name.model, name.deployment)
        cells[name] = cell
        return cell
    }

    /// What was counted so far, to be made into samples on another thread.
    var reading: UpstreamReading {
        UpstreamReading(
            deployments: cells.values.map { cell in
                UpstreamReading.Counts(
                    model: cell.model,
                    deployment: cell.deployment,
                    attempts: cell.attempts,
                    cooldowns: cell.cooldowns,
                    failures: cell.failures.map { ($0.key, $0.value) }
                )
            }
        )
    }
}

/// What an `UpstreamMetrics` has counted.
struct UpstreamReading: Sendable {
    struct Counts: Sendable {
        let model: String
        let deployment: String
        let attempts: UInt64
        let cooldowns: UInt64
        let failures: [(reason: String, count: UInt64)]
    }

    let deployments: [Counts]

    func add(to samples: inout MetricSamples) {
        for counts in deployments {
            let (model, deployment) = (counts.model, counts.deployment)
            samples.add(count: counts.attempts, to: MetricFamily.Upstream.attempts, model, deployment)
            samples.add(count: counts.cooldowns, to: MetricFamily.Upstream.cooldowns, model, deployment)
            for (reason, count) in counts.failures {
                samples.add(count: count, to: MetricFamily.Upstream.failures, model, deployment, reason)
            }
        }
    }
}
