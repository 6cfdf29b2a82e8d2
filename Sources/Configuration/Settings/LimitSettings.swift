/// How much the gateway takes on at a time; nil where the file says nothing.
public struct LimitSettings: Sendable, Hashable {
    /// `general_settings.memory_limit`: bytes that requests and answers under way may take together.
    public var memory: Int?
    /// `router_settings.default_max_parallel_requests`, else `general_settings.max_parallel_requests`: calls that a deployment
    /// takes at a time, unless it says otherwise itself.
    public var parallelRequests: Int?
    /// `general_settings.global_max_parallel_requests`: calls to all deployments together.
    public var globalParallelRequests: Int?
    /// `general_settings.max_queued_requests`: calls that may wait for the deployments of one model.
    public var queuedRequests: Int?
    /// `general_settings.queue_timeout`: how long a call may wait, in seconds.
    public var queueTimeout: Double?

    /// `general_settings.max_json_values`: values and names of members that the JSON of a request may have.
    public var jsonValues: Int?
    /// `general_settings.max_embedding_inputs`: inputs that an embedding request may have.
    public var embeddingInputs: Int?

    public init() {}
}
