import PluginKit

/// The operations that the host waits for, each with the requests to S3 that are cancelled when it ends.
struct OpenOperations<Call> {
    private var entries: [UInt64: (request: OperationRequest, calls: [Call])] = [:]

    var count: Int { entries.count }

    /// All open operations, in no particular order.
    var requests: [OperationRequest] { entries.values.map(\.request) }

    /// The operation with an id. It is nil where the operation has ended.
    subscript(id: UInt64) -> OperationRequest? { entries[id]?.request }

    mutating func insert(_ request: OperationRequest) { entries[request.id] = (request, []) }

    /// Records a request to S3 that is made for an operation, unless the operation has ended.
    mutating func add(_ call: Call, to request: OperationRequest) { entries[request.id]?.calls.append(call) }

    /// Removes an operation.
    /// - Returns: the requests that were made for it.
    mutating func remove(_ request: OperationRequest) -> [Call] {
        entries.removeValue(forKey: request.id)?.calls ?? []
    }
}
