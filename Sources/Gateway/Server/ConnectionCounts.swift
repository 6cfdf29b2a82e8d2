/// How many connections are open, of all clients and of each, against the limits.
///
/// A value that knows no channel. What is over a limit is still accepted, in small numbers, to be told so.
struct ConnectionCounts {
    struct Limits: Sendable, Equatable {
        /// Connections of all clients.
        var total: Int
        /// Connections of one client.
        var perAddress: Int
        /// Connections that are over a limit and are told so.
        var refusals: Int
    }

    enum Verdict: Equatable {
        case admitted
        /// Over the limit of all clients.
        case refused
        /// Over the limit of one client.
        case refusedAddress
        /// Over a limit, with enough others that are being told so.
        case turnedAway
    }

    private let limits: Limits
    private(set) var open = 0
    private(set) var refusing = 0
    private var byAddress: [ClientAddress: Int] = [:]

    init(limits: Limits) {
        self.limits = limits
    }

    /// A connection was accepted. All but those that are turned away are to be closed with `close`.
    mutating func open(_ address: ClientAddress) -> Verdict {
        let ofAddress = byAddress[address] ?? 0
        guard open < limits.total, ofAddress < limits.perAddress else {
            guard refusing < limits.refusals else { return .turnedAway }
            refusing += 1
            return open < limits.total ? .refusedAddress : .refused
        }
        open += 1
        byAddress[address] = ofAddress + 1
        return .admitted
    }

    /// - Parameter verdict: what `open` said of the connection.
    mutating func close(_ address: ClientAddress, _ verdict: Verdict) {
        switch verdict {
        case .admitted:
            open -= 1
            let left = (byAddress[address] ?? 1) - 1
            byAddress[address] = left > 0 ? left : nil
        case .refused, .refusedAddress: refusing -= 1
        case .turnedAway: break
        }
    }
}
