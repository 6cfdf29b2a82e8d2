/// What the answer to a look-up says of the entry.
enum LookupResult: Equatable {
    case hit
    case miss
    /// There is an object, and its time is over.
    case expired
    /// Its length is another than the answer says.
    case damaged

    /// - Parameters:
    ///   - response: the answer 200 or 404.
    ///   - now: seconds since 1970.
    init(_ response: HTTPResponse, now: Int64) {
        if response.status == 404 {
            self = .miss
        } else if ObjectMetadata.isExpired(response[.expires], now: now) {
            self = .expired
        } else if let length = response[.contentLength].flatMap({ Int($0) }), length != response.body.count {
            self = .damaged
        } else {
            self = .hit
        }
    }
}
