/// What has been learned of the server: where the bucket is, and how far our clock is off. A value.
struct Location: Equatable {
    private(set) var region: String
    private(set) var clockOffset: Int64 = 0
    private(set) var address: BucketAddress
    private let settings: S3Settings

    /// A clock that is off by less is not corrected, in seconds: S3 allows fifteen minutes.
    private static let tolerance: Int64 = 60

    init(_ settings: S3Settings) {
        self.settings = settings
        region = settings.region
        address = BucketAddress(settings, region: settings.region)
    }

    /// Our clock, corrected, in seconds since 1970.
    func now(_ unix: Int64) -> Int64 { unix &+ clockOffset }

    /// Takes to heart that the bucket is elsewhere, if the server names a region of AWS.
    /// - Returns: whether that is news: the request can be signed and sent anew.
    mutating func moved(to region: String?) -> Bool {
        guard let region, region != self.region, S3Settings.isRegionOfAWS(region) else { return false }
        self.region = region
        address = BucketAddress(settings, region: region)
        return true
    }

    /// Takes the server's clock for the right one.
    /// - Returns: whether ours was off by so much that the request is worth sending anew.
    mutating func sawClock(_ date: String?, unix: Int64) -> Bool {
        guard let date, let server = CalendarTime(httpDate: date) else { return false }
        let offset = server.unix &- unix
        guard abs(offset &- clockOffset) > Self.tolerance else { return false }
        clockOffset = offset
        return true
    }

    static func == (left: Location, right: Location) -> Bool {
        left.region == right.region && left.clockOffset == right.clockOffset && left.address == right.address
    }
}
