import PluginKit

/// What is known of the bucket's health, and was told. A value.
///
/// A refusal is of one kind of request, since permissions are: other kinds that succeed do not end it. Any other
/// failure is of the server. While that lasts, its refusals say nothing new: some servers refuse what would make a
/// bucket that is missing.
struct BucketHealth {
    /// What permissions distinguish.
    enum Kind: String {
        case get, put, delete, list

        init(_ operation: OperationRequest.Operation) {
            switch operation {
            case .get: self = .get
            case .set: self = .put
            case .delete: self = .delete
            case .ping, .flush: self = .list
            }
        }
    }

    private static let server = "server"

    private var outage = OutageReports()

    /// A request has succeeded.
    /// - Returns: whether that is to be told, since everything is in order again or for the first time.
    mutating func succeeded(_ kind: Kind) -> Bool {
        let isNews = [outage.recovered(Self.server), outage.recovered(kind.rawValue)]
        return isNews.contains(true)
    }

    /// A request has failed.
    /// - Returns: the reason that is to be told; nil where that was told, or says nothing.
    mutating func failed(_ kind: Kind, _ failure: BackendFailure) -> String? {
        let isRefusal = failure.status == .unauthorized
        if isRefusal, outage.isFailing(Self.server) { return nil }
        return outage.failed(isRefusal ? kind.rawValue : Self.server, failure)
    }
}
