import PluginKit

/// The known and reported health of the bucket.
///
/// A refusal concerns one kind of request, since permissions do: success of other kinds does not end it. Any other
/// failure concerns the server. While that lasts, the server's refusals reveal nothing new, since some servers refuse a
/// request for a bucket that is missing.
struct BucketHealth {
    /// The kinds of requests that permissions distinguish.
    enum Kind: String {
        case get, put, delete, list

        init(_ operation: OperationRequest.Operation) {
            switch operation {
            case .get: self = .get
            case .set: self = .put
            case .delete: self = .delete
            case .ping, .flush, .inquire: self = .list
            }
        }
    }

    private static let server = "server"

    private var outage = OutageReports()

    /// A request has succeeded.
    /// - Returns: whether to report it, because everything works again or for the first time.
    mutating func succeeded(_ kind: Kind) -> Bool {
        let isNews = [outage.recovered(Self.server), outage.recovered(kind.rawValue)]
        return isNews.contains(true)
    }

    /// A request has failed.
    /// - Returns: the reason to report. It is nil where it was reported already, or is not informative.
    mutating func failed(_ kind: Kind, _ failure: BackendFailure) -> String? {
        let isRefusal = failure.status == .unauthorized
        if isRefusal, outage.isFailing(Self.server) { return nil }
        return outage.failed(isRefusal ? kind.rawValue : Self.server, failure)
    }
}
