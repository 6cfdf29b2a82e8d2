/// How much the gateway accepts at a time. A limit is nil where the file does not set it.
public struct LimitSettings: Sendable, Hashable {
    /// `general_settings.memory_limit`: how many bytes all current requests and answers may take together.
    public var memory: Int?
    /// `router_settings.default_max_parallel_requests`, else `general_settings.max_parallel_requests`: how many calls a
    /// deployment takes at a time, unless the deployment sets its own limit.
    public var parallelRequests: Int?
    /// `general_settings.global_max_parallel_requests`: how many calls all deployments take together at a time.
    public var globalParallelRequests: Int?
    /// `general_settings.max_queued_requests`: how many calls may wait for the deployments of one model.
    public var queuedRequests: Int?
    /// `general_settings.queue_timeout`: how long a call may wait, in seconds.
    public var queueTimeout: Double?

    /// `general_settings.max_json_values`: how many values and names of members the JSON of a request may have.
    public var jsonValues: Int?
    /// `general_settings.max_embedding_inputs`: how many inputs an embedding request may have.
    public var embeddingInputs: Int?

    public init() {}
}
