import PluginKit

/// [I/O thread] Removes every entry with a prefix, and no other object. It lists what is below `s3_path` page by page,
/// and deletes a thousand objects at a time.
final class S3Flush {
    private let client: S3Client
    private let request: OperationRequest
    private let operation: FlushOperation
    private let layout: ObjectLayout
    /// The prefix of the keys.
    private let prefix: [UInt8]
    /// What the names of their objects begin with.
    private let listing: String
    private var removed: UInt64 = 0

    /// - Returns: nil if no key has a name with that prefix.
    init?(_ client: S3Client, _ request: OperationRequest, _ operation: FlushOperation, _ layout: ObjectLayout) {
        prefix = Array(operation.prefix)
        guard let listing = layout.listing(prefix) else { return nil }
        self.client = client
        self.request = request
        self.operation = operation
        self.layout = layout
        self.listing = listing
    }

    func start() {
        request.expect(parts: 1)
        list(after: nil)
    }

    private func list(after token: String?) {
        client.call(.list(prefix: listing, limit: 1_000, after: token), deadline: request.deadline) { [self] outcome in
            guard request.isOpen else { return }
            switch outcome {
            case .failure(let failure): client.partFailed(request, nil, failure)
            case .success(let response):
                guard let page = ListingPage(response.body.bytes) else {
                    let reason = "\(client.name) does not list objects as S3 does"
                    return client.partFailed(request, nil, BackendFailure(.badAnswer, reason))
                }
                // An object without the prefix does not belong to the cache, whatever the server claims.
                delete(page.objects.filter { layout.covers($0, prefix) }, then: page.next)
            }
        }
    }

    private func delete(_ objects: [String], then token: String?) {
        guard !objects.isEmpty else { return next(token) }
        client.call(.delete(objects), deadline: request.deadline) { [self] outcome in
            guard request.isOpen else { return }
            switch outcome {
            case .failure(let failure): client.partFailed(request, nil, failure)
            case .success(let response):
                let errors = DeletionList.errors(response.body.bytes)
                removed += UInt64(max(0, objects.count - errors.count))
                if let first = errors.first {
                    let reason = "\(client.name) did not delete \(errors.count) objects: \(first)"
                    return client.partFailed(request, nil, BackendFailure(.badAnswer, reason))
                }
                next(token)
            }
        }
    }

    private func next(_ token: String?) {
        if let token { return list(after: token) }
        operation.report(removed: removed)
        client.partDone(request)
    }
}
