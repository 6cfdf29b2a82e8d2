import ResponseCache
import Upstream

/// What a request needs to go to the model, settled while its body is at hand.
struct ForwardedRequest {
    let access: CacheAccess
    let request: UpstreamRequest
    let group: ModelGroup

    /// The form in which the client wants its answer.
    var requested: RequestedForm {
        RequestedForm(isStream: request.isStream, includesUsage: request.includesUsage)
    }
}
