/// Where a connection is in its life, and what is to be done next. A value without a clock or a socket.
///
///     idle → locating → connecting → ready
///              ↑  └────────┴───────────┘ lost
///            resting ←─────┘
struct LinkState: Equatable {
    enum Phase: Equatable {
        /// Never wanted so far.
        case idle
        /// Finding out which server it is.
        case locating
        /// Address look-up, TCP, TLS and log-in, all of which must be over in time.
        case connecting(until: UInt64)
        case ready
        /// Waits before it tries again.
        case resting(until: UInt64)
        case closed
    }

    enum Action: Equatable {
        case none
        case locate
        case connect
        /// The attempt takes too long: treat it as lost.
        case giveUp
        /// Close the socket and fail every command.
        case drop
    }

    private(set) var phase = Phase.idle
    /// Names the attempt: what arrives for an earlier one is out of date.
    private(set) var attempt: UInt64 = 0
    private let connectTimeout: UInt64
    private var backOff = BackOff()
    /// Since it was last ready.
    private var hasFailed = false

    /// - Parameter connectTimeout: in nanoseconds.
    init(connectTimeout: UInt64) { self.connectTimeout = connectTimeout }

    /// Whether a command may be sent or may wait. It waits for the first connection; after a failure it is not kept
    /// waiting for an attempt that may fail as well.
    var takesCommands: Bool {
        switch phase {
        case .idle, .ready: true
        case .locating, .connecting: !hasFailed
        case .resting, .closed: false
        }
    }

    /// When the present attempt to connect began; nil: there is none.
    var connectingSince: UInt64? {
        if case .connecting(let until) = phase { until &- connectTimeout } else { nil }
    }

    /// When `due` wants to be called, if at all.
    var deadline: UInt64? {
        switch phase {
        case .connecting(let until), .resting(let until): until
        case .idle, .locating, .ready, .closed: nil
        }
    }

    mutating func wanted() -> Action {
        guard phase == .idle else { return .none }
        return locate()
    }

    mutating func located(now: UInt64) -> Action {
        guard phase == .locating else { return .none }
        phase = .connecting(until: now &+ connectTimeout)
        return .connect
    }

    mutating func loggedIn() {
        guard case .connecting = phase else { return }
        phase = .ready
        hasFailed = false
        backOff.reset()
    }

    /// The connection, or the attempt to make one, has failed.
    mutating func lost(now: UInt64, jitter: Double) -> Action {
        switch phase {
        case .locating, .connecting, .ready:
            attempt += 1
            hasFailed = true
            phase = .resting(until: now &+ backOff.next(jitter: jitter))
            return .drop
        case .idle, .resting, .closed: return .none
        }
    }

    mutating func due(now: UInt64) -> Action {
        switch phase {
        case .connecting(let until) where now >= until: return .giveUp
        case .resting(let until) where now >= until: return locate()
        default: return .none
        }
    }

    mutating func close() -> Action {
        guard phase != .closed else { return .none }
        attempt += 1
        phase = .closed
        return .drop
    }

    private mutating func locate() -> Action {
        attempt += 1
        phase = .locating
        return .locate
    }
}
