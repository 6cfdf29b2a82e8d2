import PluginKit

/// What an error reply means to the one who sent the command.
enum ServerError: Equatable {
    /// The slot is served elsewhere, for good. An empty host means the node that said so.
    case moved(slot: Int, to: Endpoint?)
    /// This one key is on its way elsewhere: ask there, once, after ASKING.
    case ask(slot: Int, to: Endpoint?)
    /// Several keys of a slot that is on its way: try again soon.
    case tryAgain
    /// The cluster serves nothing at present.
    case clusterDown
    /// The cluster serves other slots, but not this one.
    case slotNotServed
    /// The server is reading its data, or its master is gone: soon perhaps.
    case notReady
    /// It is a replica.
    case readOnly
    /// Its memory is full.
    case outOfMemory
    /// It wants a log-in, refuses this one, or forbids the command.
    case unauthorized
    /// The key holds something that is not ours.
    case wrongType
    case unknownCommand
    case other

    /// - Parameters:
    ///   - text: what the server says. Only a beginning of it that is ASCII is read, so that comparing it is cheap.
    ///   - asked: the host to which an empty host in MOVED and ASK refers.
    init(_ text: String, asked: Endpoint?) {
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

    /// What the failure of a command is called towards the host.
    var status: Status {
        switch self {
        case .unauthorized: .unauthorized
        case .outOfMemory: .full
        case .wrongType: .corrupt
        case .moved, .ask, .tryAgain, .clusterDown, .slotNotServed, .notReady, .readOnly: .unavailable
        case .unknownCommand, .other: .badAnswer
        }
    }

    private static func place(_ text: Substring, _ asked: Endpoint?) -> Endpoint? {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let host = text[..<colon]
        guard let port = UInt16(text[text.index(after: colon)...]), port > 0 else { return nil }
        if host.isEmpty || host == "?" { return asked?.hostName.map { .tcp(host: $0, port: port) } }
        // An address of version 6 comes without brackets.
        return Endpoint(reported: host.utf8, port: Int64(port))
    }

    /// What has a meaning stands at an error's beginning, in bytes.
    private static let longest = 400
}
