import PluginKit

/// The meaning of an error reply for the command that it answers.
enum ServerError: Equatable {
    /// The slot is served by another node from now on. The node is nil where its name cannot be read.
    case moved(slot: Int, to: RedisEndpoint?)
    /// The key is being moved to another node, which must be asked once, after ASKING. The node is nil where its name
    /// cannot be read.
    case ask(slot: Int, to: RedisEndpoint?)
    /// The command has several keys of a slot that is being moved, and must be tried again soon.
    case tryAgain
    /// The cluster serves nothing at present.
    case clusterDown
    /// The cluster serves other slots, but not this one.
    case slotNotServed
    /// The server is still reading its data, or its master is gone.
    case notReady
    /// The server is a replica.
    case readOnly
    /// The server's memory is full.
    case outOfMemory
    /// The server requires a log-in, refuses this one, or forbids the command.
    case unauthorized
    /// The key holds something that the plugin did not store.
    case wrongType
    case unknownCommand
    case other

    /// - Parameters:
    ///   - text: the server's text. Only its beginning is read, as far as it is ASCII, so that comparing it is cheap.
    ///   - asked: the host to which an empty host in MOVED and ASK refers.
    init(_ text: String, asked: RedisEndpoint?) {
        let text = String(decoding: text.utf8.prefix(Self.longest).prefix { $0 < 0x80 }, as: UTF8.self)
        let words = text.split(separator: " ", maxSplits: 3)
        switch words.first {
        case "MOVED", "ASK":
            guard words.count >= 3, let slot = Int(words[1]), (0..<Slot.count).contains(slot) else {
                self = .other
                return
            }
            let place = Self.place(words[2], asked)
            self = words.first == "MOVED" ? .moved(slot: slot, to: place) : .ask(slot: slot, to: place)
        case "TRYAGAIN": self = .tryAgain
        case "CLUSTERDOWN" where text.contains("slot not served"): self = .slotNotServed
        case "CLUSTERDOWN": self = .clusterDown
        case "LOADING", "MASTERDOWN", "BUSY": self = .notReady
        case "READONLY": self = .readOnly
        case "OOM": self = .outOfMemory
        case "NOAUTH", "WRONGPASS", "NOPERM": self = .unauthorized
        case "WRONGTYPE": self = .wrongType
        case "ERR" where text.hasPrefix("ERR unknown command"): self = .unknownCommand
        case "ERR" where text.contains("invalid password") || text.contains("AUTH <password>"):
            self = .unauthorized
        default: self = .other
        }
    }

    /// The status with which the failure is reported to the host.
    var status: Status {
        switch self {
        case .unauthorized: .unauthorized
        case .outOfMemory: .full
        case .wrongType: .corrupt
        case .moved, .ask, .tryAgain, .clusterDown, .slotNotServed, .notReady, .readOnly: .unavailable
        case .unknownCommand, .other: .badAnswer
        }
    }

    private static func place(_ text: Substring, _ asked: RedisEndpoint?) -> RedisEndpoint? {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let host = text[..<colon]
        guard let port = UInt16(text[text.index(after: colon)...]), port > 0 else { return nil }
        if host.isEmpty || host == "?" { return asked?.hostName.map { .tcp(host: $0, port: port) } }
        // An address of IP version 6 is received without brackets.
        return RedisEndpoint(reported: host.utf8, port: Int64(port))
    }

    /// How many bytes of an error are read. The meaning is at its beginning.
    private static let longest = 400
}
