import CallTypes
import Configuration
import Upstream

/// A path that leads to another server, as `general_settings.pass_through_endpoints` has it.
struct PassThroughEndpoint: Sendable {
    let settings: PassThroughSettings
    /// The server.
    let group: ModelGroup

    /// Makes all endpoints of a configuration, and reports those that cannot be used.
    static func make(
        _ settings: Settings,
        calls: CallTable,
        diagnostics: inout [Diagnostic]
    ) -> [PassThroughEndpoint] {
        let defaults = DeploymentDefaults(settings)
        return settings.routing.passThroughEndpoints.compactMap { endpoint in
            do throws(ModelProblem) {
                let group = try ModelGroup.passingOn(
                    to: endpoint.target,
                    name: endpoint.path,
                    headers: endpoint.headers.map { ($0.name, $0.value) },
                    defaults: defaults,
                    calls: calls
                )
                return PassThroughEndpoint(settings: endpoint, group: group)
            } catch {
                let position = error.member == "target" ? endpoint.targetPosition : endpoint.pathPosition
                diagnostics.append(Diagnostic(.error, at: position, error.description))
                return nil
            }
        }
    }
}

extension Sequence<PassThroughEndpoint> {
    /// The server of an endpoint. It is nil where the configuration has no such endpoint any more.
    func group(of settings: PassThroughSettings) -> ModelGroup? {
        first { $0.settings.path.utf8.elementsEqual(settings.path.utf8) }?.group
    }
}
