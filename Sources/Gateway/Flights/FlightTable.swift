import ResponseCache
import Synchronization

/// The flights in the air, for all event loops: a request that misses rides with the one that asked the same before it.
final class FlightTable: Sendable {
    /// A request that wants to be told the usage needs an answer that tells it.
    private struct Slot: Hashable {
        let digest: SHA256Digest
        let givesUsage: Bool
    }

    enum Boarding {
        /// The first of its kind: it is to call the model.
        case leads(Flight, Flight.RiderID)
        case follows(Flight, Flight.RiderID)
    }

    private let flights = Mutex<[Slot: Flight]>([:])
    private let memory: MemoryBudget

    /// - Parameter memory: what the answers' bytes are counted against.
    init(memory: MemoryBudget) {
        self.memory = memory
    }

    /// How many are in the air.
    var count: Int { flights.withLock { $0.count } }

    /// Comes aboard the flight of a key, or leads a new one.
    ///
    /// - Parameters:
    ///   - needsUsage: the answer must tell the usage.
    ///   - givesUsage: whether it would, if this one leads.
    func board(
        _ key: CacheKey,
        needsUsage: Bool,
        givesUsage: Bool,
        backlog: Int,
        _ rider: Flight.Rider
    ) -> Boarding? {
        flights.withLock { flights in
            if let (flight, id) = Self.follow(key, in: flights, needsUsage, rider) { return .follows(flight, id) }
            let flight = Flight(key: key, givesUsage: givesUsage, backlog: backlog, memory: memory)
            guard let id = flight.board(rider) else { return nil }
            flights[Slot(digest: key.digest, givesUsage: givesUsage)] = flight
            return .leads(flight, id)
        }
    }

    /// Comes aboard the flight of a key, if there is one.
    func follow(_ key: CacheKey, needsUsage: Bool, _ rider: Flight.Rider) -> (Flight, Flight.RiderID)? {
        flights.withLock { Self.follow(key, in: $0, needsUsage, rider) }
    }

    private static func follow(
        _ key: CacheKey,
        in flights: [Slot: Flight],
        _ needsUsage: Bool,
        _ rider: Flight.Rider
    ) -> (Flight, Flight.RiderID)? {
        for givesUsage in needsUsage ? [true] : [true, false] {
            guard let flight = flights[Slot(digest: key.digest, givesUsage: givesUsage)],
                let id = flight.board(rider)
            else { continue }
            return (flight, id)
        }
        return nil
    }

    /// A flight that nobody rides, to refresh what is cached; nil: one is in the air already.
    func refresh(_ key: CacheKey, givesUsage: Bool, backlog: Int) -> Flight? {
        flights.withLock { flights in
            for usage in [true, false] where flights[Slot(digest: key.digest, givesUsage: usage)] != nil { return nil }
            let flight = Flight(key: key, givesUsage: givesUsage, backlog: backlog, memory: memory)
            flights[Slot(digest: key.digest, givesUsage: givesUsage)] = flight
            return flight
        }
    }

    /// Takes a flight out: whoever asks from now on does not find it.
    func land(_ flight: Flight) {
        let slot = Slot(digest: flight.key.digest, givesUsage: flight.givesUsage)
        flights.withLock { if $0[slot] === flight { $0[slot] = nil } }
    }
}
