/// The region of the bucket, and the error of this machine's clock, as far as the server's answers have revealed them.
struct BucketLocation: Equatable {
    private(set) var region: String
    private(set) var clockOffset: Int64 = 0
    private(set) var address: BucketAddress
    private let settings: S3Settings

    /// The tolerance in seconds, below which a clock is not corrected. S3 allows fifteen minutes.
    private static let tolerance: Int64 = 60

    init(_ settings: S3Settings) {
        self.settings = settings
        region = settings.region
        address = BucketAddress(settings, region: settings.region)
    }

    /// The time by this machine's clock, corrected, in seconds since 1970.
    func now(_ unix: Int64) -> Int64 { unix &+ clockOffset }

    /// Records that the bucket is in another region, if that is a region of AWS.
    /// - Returns: whether the region differs from the one before, so that the request can be signed and sent again.
    mutating func moved(to region: String?) -> Bool {
        guard let region, region != self.region, S3Settings.isRegionOfAWS(region) else { return false }
        self.region = region
        address = BucketAddress(settings, region: region)
        return true
    }

    /// Adopts the server's clock.
    /// - Parameters:
    ///   - date: the value of the Date header.
    ///   - unix: the time by this machine's clock, in seconds since 1970.
    /// - Returns: whether the correction changes by so much that the request is worth sending again.
    mutating func sawClock(_ date: String?, unix: Int64) -> Bool {
        guard let date, let server = CalendarTime(httpDate: date) else { return false }
        let offset = server.unix &- unix
        guard abs(offset &- clockOffset) > Self.tolerance else { return false }
        clockOffset = offset
        return true
    }

    static func == (left: BucketLocation, right: BucketLocation) -> Bool {
        left.region == right.region && left.clockOffset == right.clockOffset && left.address == right.address
    }
}
