import PluginAPI

/// The promise to complete one pending operation, from any thread (rule O-2).
///
/// It cannot be copied and is consumed by completing, so an operation is never completed twice. One that is dropped
/// unused completes as a defect of the plugin, so an operation is never forgotten. To keep it with the other state of a
/// request, store it as `Completion?` in a class and complete with `completion.take()?.finish()`.
///
/// It is unchecked because of the pointer to the host's error struct, which belongs to the operation until it is
/// completed.
public struct Completion: ~Copyable, @unchecked Sendable {
    private let host: Host
    private let operation: UInt64
    private let error: UnsafeMutablePointer<gw_error>?

    init(host: Host, head: gw_op) {
        self.host = host
        operation = head.id
        error = head.error
    }

    deinit { host.complete(operation, .defect) }

    /// The operation is finished and its results are filled in. The operation must not be touched any more.
    public consuming func finish() {
        host.complete(operation, .ok)
        discard self
    }

    /// The operation failed as a whole. The operation must not be touched any more.
    public consuming func fail(_ status: Status, _ reason: String? = nil) {
        if let reason { error?.explain(status, reason) }
        host.complete(operation, status)
        discard self
    }

    /// Withdraws the promise: the operation will be answered by `OperationProgress.done` or `.rejected`.
    public consuming func withdraw() { discard self }
}

extension UnsafeMutablePointer<gw_error> {
    /// Writes the reason of a failure, truncated to what fits, at the boundary of a character.
    func explain(_ status: Status, _ reason: String) {
        guard Int(pointee.struct_size) >= MemoryLayout<gw_error>.size else { return }
        pointee.code = status.rawValue
        pointee.length = withUnsafeMutableBytes(of: &pointee.message) { room in
            var length = 0
            for scalar in reason.unicodeScalars {
                let bytes = UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
                guard length + bytes.count <= room.count else { break }
                for byte in bytes {
                    room[length] = byte
                    length += 1
                }
            }
            return UInt32(length)
        }
    }
}
