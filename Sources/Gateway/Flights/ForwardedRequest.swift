import ResponseCache
import Upstream

/// What a request needs to go to the model, determined while its body is at hand. It is a class, since the request, its
/// flight and the call hold it at the same time.
final class ForwardedRequest {
    let access: CacheAccess
    let request: UpstreamRequest
    let group: ModelGroup

    init(access: CacheAccess, request: UpstreamRequest, group: ModelGroup) {
        self.access = access
        self.request = request
        self.group = group
    }

    /// The form in which the client wants its answer.
    var requested: RequestedForm {
        RequestedForm(isStream: request.isStream, includesUsage: request.includesUsage)
    }
}
