import PluginKit

/// The operations that the host waits for, each with the requests to S3 that are given up when it ends. A value.
struct OpenOperations<Call> {
    private var entries: [UInt64: (request: OperationRequest, calls: [Call])] = [:]

    var count: Int { entries.count }

    /// All of them, in no order.
    var requests: [OperationRequest] { entries.values.map(\.request) }

    /// The operation with an id; nil where it has ended.
    subscript(id: UInt64) -> OperationRequest? { entries[id]?.request }

    mutating func insert(_ request: OperationRequest) { entries[request.id] = (request, []) }

    /// Notes a request to S3 that is made for an operation, unless that has ended.
    mutating func add(_ call: Call, to request: OperationRequest) { entries[request.id]?.calls.append(call) }

    /// Takes an operation out.
    /// - Returns: the requests that were made for it.
    mutating func remove(_ request: OperationRequest) -> [Call] {
        entries.removeValue(forKey: request.id)?.calls ?? []
    }
}
