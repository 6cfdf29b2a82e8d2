/// The places for the unused connections of each route, and the set of routes that are served.
///
/// Until `serve` is called for the first time, every route is served, and its place is made on demand.
struct PlaceTable<Place: AnyObject> {
    private struct Row {
        let place: Place
        var limit: Int
    }

    /// How many unused connections may be kept in one place.
    private var limit: Int
    private var rows: [UpstreamRoute: Row] = [:]
    private var servesEveryRoute = true

    init(limit: Int) {
        self.limit = limit
    }

    /// The places of all served routes, in no particular order.
    var all: [Place] { rows.values.map(\.place) }

    /// The places of all served routes, and how many unused connections each may keep.
    var limits: [(place: Place, limit: Int)] { rows.values.map { (place: $0.place, limit: $0.limit) } }

    /// The place of a route, and how many unused connections it may keep, which is none where the route is not served.
    ///
    /// - Parameters:
    ///   - count: the requested number, which applies where the route is served and no larger number was requested.
    ///   - make: makes a place with a limit.
    mutating func place(
        of route: UpstreamRoute,
        atLeast count: Int,
        _ make: (_ limit: Int) -> Place
    ) -> (place: Place, limit: Int) {
        if var row = rows[route] {
            if servesEveryRoute {
                row.limit = max(row.limit, min(limit, count))
                rows[route] = row
            }
            return (row.place, row.limit)
        }
        // A place that is not kept in the table is of no use once the call that requested it has ended.
        guard servesEveryRoute else { return (make(0), 0) }
        let row = Row(place: make(min(limit, count)), limit: min(limit, count))
        rows[route] = row
        return (row.place, row.limit)
    }

    /// Serves only these routes from now on.
    ///
    /// - Parameters:
    ///   - routes: how many unused connections each may keep, within `limit`.
    ///   - keepsPlaces: whether the routes that are still served keep the places that they have.
    /// - Returns: the places that are no longer in the table.
    mutating func serve(
        _ routes: [UpstreamRoute: Int],
        limit: Int,
        keepsPlaces: Bool,
        _ make: (UpstreamRoute, _ limit: Int) -> Place
    ) -> [Place] {
        let previous = rows
        self.limit = limit
        servesEveryRoute = false
        rows = [:]
        for (route, count) in routes {
            let known = keepsPlaces ? previous[route]?.place : nil
            let limit = min(limit, count)
            rows[route] = Row(place: known ?? make(route, limit), limit: limit)
        }
        return previous.filter { route, row in rows[route]?.place !== row.place }.map(\.value.place)
    }
}
