import ResponseCache
import Upstream

/// Everything that is needed to send a request to the model, determined while the body of the request is available. It
/// is a class because the request, its flight and the call refer to it at the same time.
final class ForwardedRequest {
    let access: CacheAccess
    let request: UpstreamRequest
    let group: ModelGroup
    /// The client's. It is nil for the master key.
    let tenant: Tenant?

    init(access: CacheAccess, request: UpstreamRequest, group: ModelGroup, tenant: Tenant?) {
        self.tenant = tenant
        self.access = access
        self.request = request
        self.group = group
    }

    /// The form in which the client wants its answer.
    var requested: RequestedForm {
        RequestedForm(isStream: request.isStream, includesUsage: request.includesUsage)
    }
}
