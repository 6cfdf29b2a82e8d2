import PluginKit

/// Where a connection is in its life, and what is to be done next. A value without a clock or a socket.
///
///     idle → locating → connecting → ready
///              ↑  └────────┴───────────┘ lost
///            resting ←─────┘
struct ConnectionLifecycle: Equatable {
    enum State: Equatable {
        /// It was never wanted so far.
        case idle
        /// Its owner finds out which server it is.
        case locating
        /// Address look-up, TCP, TLS and log-in, all of which must be over in time.
        case connecting(until: UInt64)
        case ready
        /// It waits before it tries again.
        case resting(until: UInt64)
        case closed
    }

    enum Action: Equatable {
        case none
        case locate
        case connect
        /// The attempt takes too long and counts as lost.
        case giveUp
        /// The socket is to be closed, and every command fails.
        case drop
    }

    private(set) var state = State.idle
    /// Numbers the attempts to connect: what arrives for an earlier one is out of date.
    private(set) var attempt: UInt64 = 0
    private let connectTimeout: UInt64
    private var backOff = BackOff()
    /// Whether an attempt has failed since the connection was last ready.
    private var hasFailed = false

    /// - Parameter connectTimeout: in nanoseconds.
    init(connectTimeout: UInt64) { self.connectTimeout = connectTimeout }

    /// Whether a command may be sent or may wait. It waits for the first connection; after a failure it is not kept
    /// waiting for an attempt that may fail as well.
    var takesCommands: Bool {
        switch state {
        case .idle, .ready: true
        case .locating, .connecting: !hasFailed
        case .resting, .closed: false
        }
    }

    /// When the present attempt to connect began; nil where there is none.
    var connectingSince: UInt64? {
        if case .connecting(let until) = state { until &- connectTimeout } else { nil }
    }

    /// When `due` wants to be called; nil means never.
    var deadline: UInt64? {
        switch state {
        case .connecting(let until), .resting(let until): until
        case .idle, .locating, .ready, .closed: nil
        }
    }

    /// Somebody wants the connection.
    mutating func wanted() -> Action {
        guard state == .idle else { return .none }
        return locate()
    }

    /// It is known which server it is.
    mutating func located(now: UInt64) -> Action {
        guard state == .locating else { return .none }
        state = .connecting(until: now &+ connectTimeout)
        return .connect
    }

    /// The server takes commands.
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

    /// The deadline may have come.
    mutating func due(now: UInt64) -> Action {
        switch state {
        case .connecting(let until) where now >= until: return .giveUp
        case .resting(let until) where now >= until: return locate()
        default: return .none
        }
    }

    /// Nobody wants it any more.
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
