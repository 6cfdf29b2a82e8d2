import PluginKit

/// The meaning of an answer of S3 for its request.
enum AnswerVerdict: Equatable {
    /// A possible reason why S3 has refused a request, which can be corrected.
    enum Correction: Equatable {
        /// The bucket may be in this region. The region is nil where the answer names none.
        case region(String?)
        /// The time may be wrong, and the answer's Date correct.
        case clock
        /// Temporary credentials have expired sooner than announced. Nothing else is tried after this.
        case credentials
    }

    case success
    /// The server is failing. The request may be sent again after so many nanoseconds.
    case retry(after: UInt64?)
    /// The request is sent again if one of the corrections, which are tried in order, changes something. Otherwise it
    /// has failed.
    case refused([Correction], Status)

    /// The longest pause that a server may request, in seconds.
    private static let longestPause: UInt64 = 60

    /// - Parameters:
    ///   - status: the answer's status.
    ///   - error: the error in its body.
    ///   - region: the region of the bucket according to a header.
    ///   - retryAfter: the value of the Retry-After header.
    init(status: Int, error: ServiceError?, region: String?, retryAfter: String?) {
        let code = error?.code ?? ""
        let move = Correction.region(region ?? error?.region)
        let isExpired = code == "ExpiredToken" || code == "InvalidToken"
        switch status {
        case 200..<300: self = .success
        case 404 where code != "NoSuchBucket": self = .success
        case 429, 500, 502, 503, 504:
            let seconds = retryAfter.flatMap { UInt64($0) }.map { min($0, Self.longestPause) }
            self = .retry(after: seconds.map { $0 &* 1_000_000_000 })
        case 301, 302, 307, 308, 400:
            self = .refused(isExpired ? [move, .credentials] : [move], Self.failure(status, code))
        case 403:
            if isExpired {
                self = .refused([.credentials], Self.failure(status, code))
            } else if code == "RequestTimeTooSkewed" || code == "RequestExpired" {
                self = .refused([.clock, move], Self.failure(status, code))
            } else {
                self = .refused([move], Self.failure(status, code))
            }
        default: self = .refused([], Self.failure(status, code))
        }
    }

    private static func failure(_ status: Int, _ code: String) -> Status {
        switch (status, code) {
        case (_, "NoSuchBucket"): .badConfiguration
        case (401, _), (403, _): .unauthorized
        case (413, _), (_, "EntityTooLarge"): .tooLarge
        case (507, _): .full
        default: .badAnswer
        }
    }
}
