/// The result of a look-up according to the answer.
enum LookupResult: Equatable {
    case hit
    case miss
    /// There is an object, but it has expired.
    case expired
    /// Its length differs from the one in the answer's headers.
    case damaged

    /// - Parameters:
    ///   - response: an answer with status 200 or 404.
    ///   - now: the time in seconds since 1970.
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
