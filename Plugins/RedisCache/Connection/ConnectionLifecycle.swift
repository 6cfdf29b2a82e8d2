import PluginKit

/// The state of a connection, and what to do next. It has no clock and no socket.
///
///     idle → locating → connecting → ready
///              ↑  └────────┴───────────┘ lost
///            resting ←─────┘
struct ConnectionLifecycle: Equatable {
    enum State: Equatable {
        /// The connection has not been requested yet.
        case idle
        /// Its owner finds out which server to connect to.
        case locating
        /// The address look-up, TCP, TLS and log-in are in progress, all of which must be done in time.
        case connecting(until: UInt64)
        case ready
        /// The connection waits before the next attempt.
        case resting(until: UInt64)
        case closed
    }

    enum Action: Equatable {
        case none
        case locate
        case connect
        /// The attempt takes too long and counts as failed.
        case giveUp
        /// Close the socket, and fail every command.
        case drop
    }

    private(set) var state = State.idle
    /// The number of the attempt to connect. Events of an earlier attempt are out of date.
    private(set) var attempt: UInt64 = 0
    private let connectTimeout: UInt64
    private var backOff = BackOff()
    /// Whether an attempt has failed since the connection was last ready.
    private var hasFailed = false

    /// - Parameter connectTimeout: the timeout in nanoseconds.
    init(connectTimeout: UInt64) { self.connectTimeout = connectTimeout }

    /// Whether a command may be sent or may wait. A command waits for the first connection. After a failure it does not
    /// wait for an attempt that may fail as well.
    var takesCommands: Bool {
        switch state {
        case .idle, .ready: true
        case .locating, .connecting: !hasFailed
        case .resting, .closed: false
        }
    }

    /// When the present attempt to connect began. It is nil where there is none.
    var connectingSince: UInt64? {
        if case .connecting(let until) = state { until &- connectTimeout } else { nil }
    }

    /// When `due` must be called next. It is nil where there is no deadline.
    var deadline: UInt64? {
        switch state {
        case .connecting(let until), .resting(let until): until
        case .idle, .locating, .ready, .closed: nil
        }
    }

    /// The connection is requested.
    mutating func wanted() -> Action {
        guard state == .idle else { return .none }
        return locate()
    }

    /// The server is known.
    mutating func located(now: UInt64) -> Action {
        guard state == .locating else { return .none }
        state = .connecting(until: now &+ connectTimeout)
        return .connect
    }

    /// The server accepts commands.
    mutating func loggedIn() {
        guard case .connecting = state else { return }
        state = .ready
        hasFailed = false
        backOff.reset()
    }

    /// The connection, or the attempt to make one, has failed.
    mutating func lost(now: UInt64, jitter: Double) -> Action {
        switch state {
        case .locating, .connecting, .ready:
            attempt += 1
            hasFailed = true
            state = .resting(until: now &+ backOff.next(jitter: jitter))
            return .drop
        case .idle, .resting, .closed: return .none
        }
    }

    /// The deadline may have passed.
    mutating func due(now: UInt64) -> Action {
        switch state {
        case .connecting(let until) where now >= until: return .giveUp
        case .resting(let until) where now >= until: return locate()
        default: return .none
        }
    }

    /// The connection is no longer needed.
    mutating func close() -> Action {
        guard state != .closed else { return .none }
        attempt += 1
        state = .closed
        return .drop
    }

    private mutating func locate() -> Action {
        attempt += 1
        state = .locating
        return .locate
    }
}
