/// An operation's id in the interface: the generation of a slot of a port. It is never 0, and a slot's id recurs only
/// after four thousand million uses.
struct OperationID: Equatable {
    static let mostPorts = 0xFFF
    static let mostSlots = 1 << 20
    /// Replaces a port's number in the ids of start and shutdown.
    static let controlPort = 0xFFF

    let rawValue: UInt64

    init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    init(generation: UInt32, port: Int, slot: Int) {
        rawValue = UInt64(generation) << 32 | UInt64(truncatingIfNeeded: port) << 20 | UInt64(truncatingIfNeeded: slot)
    }

    var generation: UInt32 { UInt32(truncatingIfNeeded: rawValue >> 32) }
    var port: Int { Int(rawValue >> 20 & 0xFFF) }
    var slot: Int { Int(rawValue & 0xF_FFFF) }
}
