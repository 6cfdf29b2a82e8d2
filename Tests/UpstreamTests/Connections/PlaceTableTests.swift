import Testing

@testable import Upstream

private final class Place {}

@Suite("The places where connections are kept")
struct PlaceTableTests {
    private var table = PlaceTable<Place>(limit: 10)

    private func route(_ host: String) throws -> UpstreamRoute {
        UpstreamRoute(try UpstreamURL("http://\(host)/v1"), proxies: .none)
    }

    @Test("are made when they are asked for, one for each route")
    mutating func demand() throws {
        let (one, other) = (try route("one"), try route("other"))
        let first = table.place(of: one, atLeast: 1) { _ in Place() }
        #expect(table.place(of: one, atLeast: 1) { _ in Place() }.place === first.place)
        #expect(table.place(of: other, atLeast: 1) { _ in Place() }.place !== first.place)
        #expect(table.all.count == 2)
    }

    @Test("keep as many connections as the deployment of the route with the most calls, within the limit for all")
    mutating func limits() throws {
        let one = try route("one")
        #expect(table.place(of: one, atLeast: 3) { _ in Place() }.limit == 3)
        #expect(table.place(of: one, atLeast: 2) { _ in Place() }.limit == 3)
        #expect(table.place(of: one, atLeast: 5) { _ in Place() }.limit == 5)
        #expect(table.place(of: one, atLeast: 50) { _ in Place() }.limit == 10)
    }

    @Test("stay where their route is still served, with the limit that is set then, and go where it is not")
    mutating func serve() throws {
        let (kept, removed, added) = (try route("kept"), try route("removed"), try route("added"))
        let keptPlace = table.place(of: kept, atLeast: 9) { _ in Place() }.place
        let removedPlace = table.place(of: removed, atLeast: 9) { _ in Place() }.place
        let gone = table.serve([kept: 4, added: 20], limit: 8, keepsPlaces: true) { _, _ in Place() }
        #expect(gone.count == 1 && gone[0] === removedPlace)
        let place = table.place(of: kept, atLeast: 9) { _ in Place() }
        #expect(place.place === keptPlace)
        #expect(place.limit == 4)
        #expect(table.place(of: added, atLeast: 1) { _ in Place() }.limit == 8)
    }

    @Test("all go where no connection may stay")
    mutating func keepsNothing() throws {
        let kept = try route("kept")
        let old = table.place(of: kept, atLeast: 1) { _ in Place() }.place
        let gone = table.serve([kept: 1], limit: 10, keepsPlaces: false) { _, _ in Place() }
        #expect(gone.count == 1 && gone[0] === old)
        #expect(table.place(of: kept, atLeast: 1) { _ in Place() }.place !== old)
    }

    @Test("keep nothing for a route that is not served, and are not remembered")
    mutating func notServed() throws {
        let removed = try route("removed")
        _ = table.serve([:], limit: 10, keepsPlaces: true) { _, _ in Place() }
        #expect(table.place(of: removed, atLeast: 5) { _ in Place() }.limit == 0)
        #expect(table.all.isEmpty)
    }
}
