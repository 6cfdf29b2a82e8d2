import Deadlines
import NIOCore

/// The one deadline that watches a connection. It is moved only when it has to be earlier, and set anew when it has passed, so
/// that a usual request costs none.
struct ConnectionWatch {
    /// What is too late, and when.
    var rules: ConnectionDeadlines
    private var armed: (token: Deadlines.Token, at: NIODeadline)?
    /// Bytes that arrived since that was last looked at.
    private var arrivedBytes = 0

    init(_ rules: ConnectionDeadlines) {
        self.rules = rules
    }

    /// Looks at the connection by then.
    mutating func look(by due: NIODeadline, at connection: any Expiring, _ deadlines: Deadlines) {
        if let armed {
            guard due < armed.at else { return }
            deadlines.disarm(armed.token)
        }
        armed = (deadlines.arm(at: due, for: connection, reason: 0), due)
    }

    /// The deadline has passed, and there is none.
    mutating func passed() { armed = nil }

    /// The connection is closed.
    mutating func end(_ deadlines: Deadlines) {
        if let armed { deadlines.disarm(armed.token) }
        armed = nil
    }

    mutating func arrived(_ bytes: Int) { arrivedBytes &+= bytes }

    /// The bytes that arrived since this was last called.
    mutating func takeArrived() -> Int {
        defer { arrivedBytes = 0 }
        return arrivedBytes
    }
}
