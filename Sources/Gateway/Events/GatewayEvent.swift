/// Something that has happened to the whole process and that its operator wants to know of: what a line of the log says,
/// without the configuration's values and without secrets.
struct GatewayEvent: Sendable, Equatable {
    /// What an event is about.
    enum Kind: String, Sendable, CaseIterable {
        /// The process begins to serve.
        case start
        /// The process has been asked to stop.
        case stop
        /// The configuration was read again.
        case reload
        /// The cache's backend does not answer, or answers again.
        case cache
        /// A deployment has left the rotation of its model, or is back.
        case rotation
        /// Connections are refused, or accepted again.
        case overload
    }

    /// Whether something has gone wrong with it.
    enum Severity: String, Sendable {
        /// Nothing is wrong.
        case notice
        /// Something does not work.
        case warning
        /// Something that was wrong works again.
        case recovery
    }

    /// When it happened, as Unix time in milliseconds.
    let time: UInt64
    let kind: Kind
    let severity: Severity
    /// A sentence without its period, on one line.
    let text: String
}

/// The last events, the oldest first. It is a value without a clock.
struct EventRing: Sendable {
    private(set) var events: [GatewayEvent] = []
    /// How many events there have been, including those that are forgotten.
    private(set) var count: UInt64 = 0
    private let capacity: Int

    init(capacity: Int) {
        self.capacity = max(1, capacity)
    }

    mutating func add(_ event: GatewayEvent) {
        if events.count == capacity { events.removeFirst() }
        events.append(event)
        count &+= 1
    }
}
