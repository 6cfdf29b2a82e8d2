import ResponseCache
import Synchronization

/// The flights that can be joined, for all event loops: a request that misses follows the one that asked the same
/// before it.
final class FlightTable: Sendable {
    /// A request that wants to be told the usage needs an answer that tells it.
    private struct Slot: Hashable {
        let digest: SHA256Digest
        let givesUsage: Bool
    }

    /// What part a request takes in its flight.
    enum Role {
        /// It is the first of its kind, and is to call the model.
        case leads(Flight, Flight.ReaderID)
        case follows(Flight, Flight.ReaderID)
    }

    private let flights = Mutex<[Slot: Flight]>([:])
    private let memory: MemoryBudget

    /// - Parameter memory: what the answers' bytes are counted against.
    init(memory: MemoryBudget) {
        self.memory = memory
    }

    /// How many flights can be joined.
    var count: Int { flights.withLock { $0.count } }

    /// How many requests wait for answers of flights that can be joined.
    var readers: Int { flights.withLock { $0.values.reduce(0) { $0 + $1.readers } } }

    /// Joins the flight of a key, or leads a new one.
    ///
    /// - Parameters:
    ///   - needsUsage: whether only an answer that tells the usage will do.
    ///   - givesUsage: whether the answer to this request would tell it, if this request leads.
    func join(
        _ key: CacheKey,
        needsUsage: Bool,
        givesUsage: Bool,
        backlog: Int,
        _ reader: Flight.Reader
    ) -> Role? {
        flights.withLock { flights in
            if let (flight, id) = Self.follow(key, in: flights, needsUsage, reader) { return .follows(flight, id) }
            let flight = Flight(key: key, givesUsage: givesUsage, backlog: backlog, memory: memory)
            guard let id = flight.join(reader) else { return nil }
            flights[Slot(digest: key.digest, givesUsage: givesUsage)] = flight
            return .leads(flight, id)
        }
    }

    /// Joins the flight of a key, if there is one.
    func follow(_ key: CacheKey, needsUsage: Bool, _ reader: Flight.Reader) -> (Flight, Flight.ReaderID)? {
        flights.withLock { Self.follow(key, in: $0, needsUsage, reader) }
    }

    private static func follow(
        _ key: CacheKey,
        in flights: [Slot: Flight],
        _ needsUsage: Bool,
        _ reader: Flight.Reader
    ) -> (Flight, Flight.ReaderID)? {
        for givesUsage in needsUsage ? [true] : [true, false] {
            guard let flight = flights[Slot(digest: key.digest, givesUsage: givesUsage)],
                let id = flight.join(reader)
            else { continue }
            return (flight, id)
        }
        return nil
    }

    /// Begins a flight without a reader, to refresh what is cached.
    ///
    /// - Returns: nil where there is a flight of that key already.
    func refresh(_ key: CacheKey, givesUsage: Bool, backlog: Int) -> Flight? {
        flights.withLock { flights in
            for usage in [true, false] where flights[Slot(digest: key.digest, givesUsage: usage)] != nil { return nil }
            let flight = Flight(key: key, givesUsage: givesUsage, backlog: backlog, memory: memory)
            flights[Slot(digest: key.digest, givesUsage: givesUsage)] = flight
            return flight
        }
    }

    /// Removes a flight: a request that comes later does not find it. Harmless where another has taken its place.
    func remove(_ flight: Flight) {
        let slot = Slot(digest: flight.key.digest, givesUsage: flight.givesUsage)
        flights.withLock { if $0[slot] === flight { $0[slot] = nil } }
    }
}
