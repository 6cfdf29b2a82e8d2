import Synchronization

/// The flights in the air, for all event loops: a request that misses rides with the one that asked the same before it.
public final class FlightTable<Head: Sendable, Failure: Sendable>: Sendable {
    public typealias Entry = Flight<Head, Failure>

    /// A request that wants to be told the usage needs an answer that tells it.
    private struct Slot: Hashable {
        let digest: SHA256Digest
        let givesUsage: Bool
    }

    public enum Boarding {
        /// The first of its kind: it is to call the model.
        case leads(Entry, Entry.RiderID)
        case follows(Entry, Entry.RiderID)
    }

    private let flights = Mutex<[Slot: Entry]>([:])

    public init() {}

    /// How many are in the air.
    public var count: Int { flights.withLock { $0.count } }

    /// Comes aboard the flight of a key, or leads a new one.
    ///
    /// - Parameters:
    ///   - needsUsage: the answer must tell the usage.
    ///   - givesUsage: whether it would, if this one leads.
    public func board(
        _ key: CacheKey,
        needsUsage: Bool,
        givesUsage: Bool,
        backlog: Int,
        _ rider: Entry.Rider
    ) -> Boarding? {
        flights.withLock { flights in
            if let (flight, id) = Self.follow(key, in: flights, needsUsage, rider) { return .follows(flight, id) }
            let flight = Entry(key: key, givesUsage: givesUsage, backlog: backlog)
            guard let id = flight.board(rider) else { return nil }
            flights[Slot(digest: key.digest, givesUsage: givesUsage)] = flight
            return .leads(flight, id)
        }
    }

    /// Comes aboard the flight of a key, if there is one.
    public func follow(_ key: CacheKey, needsUsage: Bool, _ rider: Entry.Rider) -> (Entry, Entry.RiderID)? {
        flights.withLock { Self.follow(key, in: $0, needsUsage, rider) }
    }

    private static func follow(
        _ key: CacheKey,
        in flights: [Slot: Entry],
        _ needsUsage: Bool,
        _ rider: Entry.Rider
    ) -> (Entry, Entry.RiderID)? {
        for givesUsage in needsUsage ? [true] : [true, false] {
            guard let flight = flights[Slot(digest: key.digest, givesUsage: givesUsage)],
                let id = flight.board(rider)
            else { continue }
            return (flight, id)
        }
        return nil
    }

    /// A flight that nobody rides, to refresh what is cached; nil: one is in the air already.
    public func refresh(_ key: CacheKey, givesUsage: Bool, backlog: Int) -> Entry? {
        flights.withLock { flights in
            for usage in [true, false] where flights[Slot(digest: key.digest, givesUsage: usage)] != nil { return nil }
            let flight = Entry(key: key, givesUsage: givesUsage, backlog: backlog)
            flights[Slot(digest: key.digest, givesUsage: givesUsage)] = flight
            return flight
        }
    }

    /// Takes a flight out: whoever asks from now on does not find it.
    public func land(_ flight: Entry) {
        let slot = Slot(digest: flight.key.digest, givesUsage: flight.givesUsage)
        flights.withLock { if $0[slot] === flight { $0[slot] = nil } }
    }
}
