import ResponseCache
import Synchronization

/// The flights that can be joined, for all event loops. A request that misses follows an identical request that is
/// already waiting for the model.
final class FlightTable: Sendable {
    /// The key of a flight. It includes whether the answer contains the usage, because a request for the usage needs
    /// such an answer.
    private struct Slot: Hashable {
        let digest: SHA256Digest
        let givesUsage: Bool
    }

    /// The role of a request in its flight.
    enum Role {
        /// The request is the first of its kind and is to call the model.
        case leads(Flight, Flight.ReaderID)
        case follows(Flight, Flight.ReaderID)
    }

    private let flights = Mutex<[Slot: Flight]>([:])
    private let memory: MemoryBudget

    /// - Parameter memory: what the answers' bytes are counted against.
    init(memory: MemoryBudget) {
        self.memory = memory
    }

    /// The number of flights that can be joined.
    var count: Int { flights.withLock { $0.count } }

    /// The number of requests that wait for answers of flights that can be joined.
    var readers: Int { flights.withLock { $0.values.reduce(0) { $0 + $1.readers } } }

    /// Joins the flight of a key, or leads a new one.
    ///
    /// - Parameters:
    ///   - needsUsage: whether the request needs an answer that contains the usage.
    ///   - givesUsage: whether the answer would contain the usage if this request leads.
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
    /// - Returns: the flight. It is nil where there is already a flight for that key.
    func refresh(_ key: CacheKey, givesUsage: Bool, backlog: Int) -> Flight? {
        flights.withLock { flights in
            for usage in [true, false] where flights[Slot(digest: key.digest, givesUsage: usage)] != nil { return nil }
            let flight = Flight(key: key, givesUsage: givesUsage, backlog: backlog, memory: memory)
            flights[Slot(digest: key.digest, givesUsage: givesUsage)] = flight
            return flight
        }
    }

    /// Removes a flight, so that later requests do not find it. It has no effect where another flight has taken its
    /// place.
    func remove(_ flight: Flight) {
        let slot = Slot(digest: flight.key.digest, givesUsage: flight.givesUsage)
        flights.withLock { if $0[slot] === flight { $0[slot] = nil } }
    }
}
