import NIOCore
import PluginHost
import Text
import Upstream

/// The answers of the health endpoints.
enum HealthReport {
    /// `GET /health/readiness`: LiteLLM's members, and the cache backend's state. A cache that is down does not make
    /// the gateway unready: requests go upstream without it. One that is stopping is. Anybody may read it, so that no text of
    /// the backend's is in it: what it says is in the log and in `/cache/ping`.
    static func readiness(of generation: Generation, isStopping: Bool) -> String {
        var json = "{\"status\":\"\(isStopping ? "stopping" : "healthy")\",\"db\":\"Not connected\",\"cache\":"
        json.appendJSON(generation.backend?.plugin.type.name)
        json += ",\"cache_backend\":"
        if let backend = generation.backend {
            let state = backend.state
            json += "{\"type\":"
            json.appendJSON(backend.plugin.type.name)
            json += ",\"version\":"
            json.appendJSON(backend.plugin.version)
            json += ",\"state\":"
            json.appendJSON(state.name)
            json += ",\"code\":"
            json.appendJSON(state.code)
            json += ",\"round_trip_ms\":\(backend.roundTrip.json)}"
        } else {
            json += "null"
        }
        json += ",\"version\":"
        json.appendJSON(Version.description)
        return json + "}"
    }

    /// `GET /health`: which deployments answer, judged by the requests that they had. LiteLLM calls every model for
    /// this; here nobody's money is spent by a health check. `calls` are those
    /// to models, `memory` is how many bytes requests and answers under way hold.
    static func health(of generation: Generation) -> String {
        let now = NIODeadline.now()
        var healthy: [String] = []
        var unhealthy: [String] = []
        for group in generation.models.groups {
            for deployment in group.deployments {
                var entry = "{\"model_name\":"
                entry.appendJSON(group.name)
                entry += ",\"model\":"
                entry.appendJSON("\(deployment.provider)/\(deployment.model)")
                entry += ",\"api_base\":"
                entry.appendJSON(deployment.origin)
                entry += "}"
                if deployment.isUsable, !deployment.isResting(now: now) {
                    healthy.append(entry)
                } else {
                    unhealthy.append(entry)
                }
            }
        }
        let calls = generation.models.calls
        return "{\"healthy_endpoints\":[" + healthy.joined(separator: ",") + "],\"unhealthy_endpoints\":["
            + unhealthy.joined(separator: ",") + "],\"healthy_count\":\(healthy.count),"
            + "\"unhealthy_count\":\(unhealthy.count),"
            + "\"calls\":{\"under_way\":\(calls.underWay),\"waiting\":\(calls.waiting)},"
            + "\"memory\":{\"held\":\(generation.resources.memory.held),\"limit\":\(generation.resources.memory.limit)}}"
    }
}
