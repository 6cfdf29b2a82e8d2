import Deadlines
import NIOCore

/// Watches a connection with one deadline. The deadline is moved only when it has to be earlier, and armed again when
/// it has passed, so that a usual request arms none.
struct ConnectionWatch {
    /// The rules that decide what is too late, and when.
    var rules: ConnectionDeadlines
    private var armed: (token: Deadlines.Token, at: NIODeadline)?
    /// The number of bytes received since `takeArrived` was last called.
    private var arrivedBytes = 0

    init(_ rules: ConnectionDeadlines) {
        self.rules = rules
    }

    /// Arms the deadline for `due`, unless it is armed for an earlier time.
    mutating func check(by due: NIODeadline, at connection: any Expiring, _ deadlines: Deadlines) {
        if let armed {
            guard due < armed.at else { return }
            deadlines.disarm(armed.token)
        }
        armed = (deadlines.arm(at: due, for: connection, reason: 0), due)
    }

    /// The deadline has passed, and none is armed.
    mutating func passed() { armed = nil }

    /// The connection is closed.
    mutating func end(_ deadlines: Deadlines) {
        if let armed { deadlines.disarm(armed.token) }
        armed = nil
    }

    mutating func arrived(_ bytes: Int) { arrivedBytes &+= bytes }

    /// The number of bytes received since this was last called.
    mutating func takeArrived() -> Int {
        defer { arrivedBytes = 0 }
        return arrivedBytes
    }
}
