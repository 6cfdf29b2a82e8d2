import OpenTelemetry
import ResponseCache
import Synchronization

/// The flights that can be joined, for all event loops. A request that misses follows an identical request that is
/// already waiting for the model.
final class FlightTable: Sendable {
    /// The flights of one key. There is one whose answer contains the usage, and one whose answer does not, because a
    /// request for the usage needs an answer that contains it.
    private struct Pair {
        var withUsage: Flight?
        var withoutUsage: Flight?

        var all: [Flight] { [withUsage, withoutUsage].compactMap(\.self) }

        var isEmpty: Bool { withUsage == nil && withoutUsage == nil }

        subscript(givesUsage givesUsage: Bool) -> Flight? {
            get { givesUsage ? withUsage : withoutUsage }
            set { if givesUsage { withUsage = newValue } else { withoutUsage = newValue } }
        }

        /// Joins a flight, unless its answer is purged already.
        func follow(needsUsage: Bool, _ reader: Flight.Reader, _ purges: PurgeLog) -> (Flight, Flight.ReaderID)? {
            if let withUsage, !purges.cover(withUsage.facts, key: withUsage.key), let id = withUsage.join(reader) {
                return (withUsage, id)
            }
            if !needsUsage, let withoutUsage, !purges.cover(withoutUsage.facts, key: withoutUsage.key),
                let id = withoutUsage.join(reader)
            {
                return (withoutUsage, id)
            }
            return nil
        }

        /// Whether it has a flight whose answer is not purged already.
        func isOfUse(_ purges: PurgeLog) -> Bool { all.contains { !purges.cover($0.facts, key: $0.key) } }
    }

    /// The role of a request in its flight.
    enum Role {
        /// The request is the first of its kind and is to call the model.
        case leads(Flight, Flight.ReaderID)
        case follows(Flight, Flight.ReaderID)
    }

    private let flights = Mutex<[SHA256Digest: Pair]>([:])
    private let memory: MemoryBudget
    private let purges: PurgeLog

    /// - Parameters:
    ///   - memory: what the answers' bytes are counted against.
    ///   - purges: what was purged. A flight whose answer is purged goes on for its readers and takes no others.
    init(memory: MemoryBudget, purges: PurgeLog) {
        self.memory = memory
        self.purges = purges
    }

    /// The number of flights that can be joined.
    var count: Int { flights.withLock { $0.values.reduce(0) { $0 + $1.all.count } } }

    /// The number of requests that wait for answers of flights that can be joined.
    var readers: Int { flights.withLock { $0.values.reduce(0) { $0 + $1.all.reduce(0) { $0 + $1.readers } } } }

    /// Joins the flight of a key, or leads a new one.
    ///
    /// - Parameters:
    ///   - needsUsage: whether the request needs an answer that contains the usage.
    ///   - givesUsage: whether the answer would contain the usage if this request leads.
    ///   - facts: what is known of the call if this request leads.
    ///   - trace: the request, where its trace is recorded.
    func join(
        _ key: CacheKey,
        _ facts: CallFacts,
        needsUsage: Bool,
        givesUsage: Bool,
        backlog: Int,
        trace: TraceParent? = nil,
        _ reader: Flight.Reader
    ) -> Role? {
        flights.withLock { flights in
            if let (flight, id) = flights[key.digest]?.follow(needsUsage: needsUsage, reader, purges) {
                return .follows(flight, id)
            }
            let flight = Flight(
                key: key,
                facts: facts,
                givesUsage: givesUsage,
                backlog: backlog,
                memory: memory,
                trace: trace
            )
            guard let id = flight.join(reader) else { return nil }
            flights[key.digest, default: Pair()][givesUsage: givesUsage] = flight
            return .leads(flight, id)
        }
    }

    /// Joins the flight of a key, if there is one.
    func follow(_ key: CacheKey, needsUsage: Bool, _ reader: Flight.Reader) -> (Flight, Flight.ReaderID)? {
        flights.withLock { $0[key.digest]?.follow(needsUsage: needsUsage, reader, purges) }
    }

    /// Begins a flight without a reader, to refresh what is cached.
    ///
    /// - Returns: the flight. It is nil where there is already a flight for that key.
    func refresh(_ key: CacheKey, _ facts: CallFacts, givesUsage: Bool, backlog: Int) -> Flight? {
        flights.withLock { flights in
            guard flights[key.digest]?.isOfUse(purges) != true else { return nil }
            let flight = Flight(key: key, facts: facts, givesUsage: givesUsage, backlog: backlog, memory: memory)
            flights[key.digest, default: Pair()][givesUsage: givesUsage] = flight
            return flight
        }
    }

    /// Removes a flight, so that later requests do not find it. It has no effect where another flight has taken its
    /// place.
    func remove(_ flight: Flight) {
        let digest = flight.key.digest
        flights.withLock { flights in
            guard var pair = flights[digest], pair[givesUsage: flight.givesUsage] === flight else { return }
            pair[givesUsage: flight.givesUsage] = nil
            flights[digest] = pair.isEmpty ? nil : pair
        }
    }
}
