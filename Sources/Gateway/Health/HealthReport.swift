import JSON
import NIOCore
import PluginHost
import Upstream

/// The answers of the health endpoints.
enum HealthReport {
    /// `GET /health/readiness`: LiteLLM's members, and the cache backend's state. A cache that is down does not make
    /// the gateway unready, since requests go upstream without it. A gateway that is stopping is unready. Anybody may
    /// read the answer, so that it contains no text of the backend; that is in the log and in `/cache/ping`.
    ///
    /// - Parameter isDetailed: whether more than the state is told.
    static func readiness(of generation: Generation, isStopping: Bool, isDetailed: Bool) -> String {
        JSONWriter.object { report in
            report.member("status", isStopping ? "stopping" : "healthy")
            guard isDetailed else { return }
            report.member("db", "Not connected")
            report.member("cache", generation.backend?.plugin.type.name)
            report.member("cache_backend") { json in
                guard let backend = generation.backend else { return json.null() }
                write(backend, to: &json)
            }
            report.member("configuration") { write(generation.resources.reloads.record, to: &$0) }
            report.member("version", Version.description)
        }
    }

    /// Which configuration is in force. Why another one was refused is in the log, since it may name what is private.
    private static func write(_ record: ReloadRecord, to json: inout JSONWriter) {
        json.object { members in
            members.member("generation") { $0.integer(record.generation) }
            members.member("since", Timestamp.format(seconds: record.since, milliseconds: 0))
            switch record.last?.outcome {
            case .refused(let reasons):
                members.member("last_reload", "refused")
                members.member("errors") { $0.integer(reasons.count) }
            case .adopted: members.member("last_reload", "adopted")
            case nil: members.member("last_reload") { $0.null() }
            }
        }
    }

    private static func write(_ backend: Backend, to json: inout JSONWriter) {
        let state = backend.state
        json.object { members in
            members.member("type", backend.plugin.type.name)
            members.member("version", backend.plugin.version)
            members.member("state", state.name)
            members.member("code", state.code)
            members.member("round_trip_ms") { $0.milliseconds(backend.roundTrip.last) }
        }
    }

    /// `GET /health`: which deployments answer, judged by the requests that they had. LiteLLM calls every model for
    /// this, but here a health check costs nothing. `calls` are the calls to models, and `memory` is how many bytes
    /// current requests and answers hold.
    static func health(of generation: Generation) -> String {
        let now = NIODeadline.now()
        var healthy: [(group: String, deployment: Deployment)] = []
        var unhealthy: [(group: String, deployment: Deployment)] = []
        for group in generation.models.groups {
            for deployment in group.deployments {
                if deployment.isUsable, !deployment.isResting(now: now) {
                    healthy.append((group.name, deployment))
                } else {
                    unhealthy.append((group.name, deployment))
                }
            }
        }
        let calls = generation.models.calls
        let memory = generation.resources.memory
        return JSONWriter.object { report in
            report.member("healthy_endpoints") { write(healthy, to: &$0) }
            report.member("unhealthy_endpoints") { write(unhealthy, to: &$0) }
            report.member("healthy_count") { $0.integer(healthy.count) }
            report.member("unhealthy_count") { $0.integer(unhealthy.count) }
            report.member("calls") { json in
                json.object { members in
                    members.member("under_way") { $0.integer(calls.underWay) }
                    members.member("waiting") { $0.integer(calls.waiting) }
                }
            }
            report.member("memory") { json in
                json.object { members in
                    members.member("held") { $0.integer(memory.held) }
                    members.member("limit") { $0.integer(memory.limit) }
                }
            }
        }
    }

    private static func write(_ deployments: [(group: String, deployment: Deployment)], to json: inout JSONWriter) {
        json.array { array in
            for (group, deployment) in deployments {
                array.object { members in
                    members.member("model_name", group)
                    members.member("model", "\(deployment.provider)/\(deployment.model)")
                    members.member("api_base", deployment.origin)
                }
            }
        }
    }
}
