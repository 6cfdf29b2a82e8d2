/// Counts the open connections, of all clients and of each one, and compares them with the limits.
///
/// It knows no channel. A few connections over a limit are still accepted, so that they can be answered with a refusal.
struct ConnectionCounts {
    struct Limits: Sendable, Equatable {
        /// The greatest number of connections of all clients.
        var total: Int
        /// The greatest number of connections of one client.
        var perAddress: Int
        /// The greatest number of connections over a limit that are answered with a refusal.
        var refusals: Int
    }

    enum Verdict: Equatable {
        case admitted
        /// The connection is over the limit of all clients.
        case refused
        /// The connection is over the limit of one client.
        case refusedAddress
        /// The connection is over a limit, and enough others are being answered with a refusal.
        case turnedAway
    }

    /// Connections that are open already stay, whatever the limits are.
    var limits: Limits
    private(set) var open = 0
    private(set) var refusing = 0
    private var byAddress: [ClientAddress: Int] = [:]

    init(limits: Limits) {
        self.limits = limits
    }

    /// A connection was accepted. Unless it is turned away, `close` must be called when it ends.
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

    /// - Parameter verdict: the verdict that `open` returned for the connection.
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
