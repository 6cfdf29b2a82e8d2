import HTTPSyntax
import NIOCore
import ResponseCache

/// The record of one request, from its head to its end: who asked for what, what became of it, and when.
///
/// A value that its connection owns. The parts of the gateway that answer the request note in it what they know, and the
/// connection closes it in one place, however the request ends.
struct Transaction: Sendable {
    /// Whose request it is, as the gateway itself knows it.
    enum Caller: Sendable, Equatable {
        /// Nobody has to say who they are, or the request was refused before that was looked at.
        case anonymous
        /// Whoever has the master key.
        case master
    }

    /// How a request ended.
    enum Ending: Sendable, Equatable {
        /// Its answer is complete, an error that the gateway answers with included.
        case answered
        /// The gateway cut its answer off: the model's answer broke off, or the gateway is stopping.
        case cutOff
        /// The client closed its connection, or takes nothing any more.
        case clientGone
    }

    /// What it is called. It is returned with every answer and goes to the model.
    let id: RequestID
    /// When its head was complete, or when what came turned out to be no request.
    let began: NIODeadline
    /// What it asks for. It is nil where that is not known: there is nothing at its path, or it is no request.
    var route: Route?
    var caller = Caller.anonymous
    /// The model that it names, as the configuration spells it. It is nil before that is known.
    var model: String?
    /// The deployment that answered, or was tried last.
    var deployment: String?
    /// What Cache-Status says of it. It is nil where the cache has no part in it.
    var cacheStatus: CacheStatus?
    /// The status of its answer; 0 before there is one.
    var status = 0
    /// Bytes of its body that have come.
    var receivedBytes = 0
    /// Bytes of its answer that have been sent, head included; of no account before it has ended.
    private(set) var sentBytes: Int
    /// When the head of its answer was written. It is nil before.
    private(set) var responded: NIODeadline?
    /// When it ended, and how. It is nil before.
    private(set) var end: (at: NIODeadline, how: Ending)?

    /// A request that has just come.
    ///
    /// - Parameter sentBytesBefore: bytes that were sent on its connection before it.
    init(id: RequestID, route: Route? = nil, sentBytesBefore: Int = 0, at now: NIODeadline) {
        self.id = id
        self.sentBytes = sentBytesBefore
        self.route = route
        self.began = now
    }

    /// The head of the answer is written.
    mutating func respond(_ status: Int, _ cacheStatus: CacheStatus?, at now: NIODeadline) {
        self.status = status
        if let cacheStatus { self.cacheStatus = cacheStatus }
        responded = now
    }

    /// Closes the record. What ended it first counts.
    ///
    /// - Parameter sentBytes: bytes that have been sent on its connection.
    mutating func close(_ how: Ending, sentBytes total: Int, at now: NIODeadline) {
        guard end == nil else { return }
        end = (now, how)
        sentBytes = total &- sentBytes
    }

    /// How long it took, once it has ended.
    var duration: TimeAmount? { end.map { $0.at - began } }
}
