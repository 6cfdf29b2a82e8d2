import Configuration
import HTTPSyntax
import NIOCore
import ResponseCache
import Upstream

/// The record of one request, from its head to its end: the caller, the call, the outcome, and the times.
///
/// It is a value that its connection owns. The parts of the gateway that answer the request add what they know to it,
/// and the connection closes it in one place, however the request ends.
struct Transaction: Sendable {
    /// The caller of the request, as the gateway itself determined it.
    enum Caller: Sendable, Equatable {
        /// No key is required, or the request was refused before its key was checked.
        case anonymous
        /// The caller has the master key.
        case master
        /// The caller has one of the other keys.
        case tenant(Tenant)

        static func == (left: Caller, right: Caller) -> Bool {
            switch (left, right) {
            case (.anonymous, .anonymous), (.master, .master): true
            case (.tenant(let one), .tenant(let other)): one === other
            default: false
            }
        }

        /// The tenant whose key the caller has. It is nil where that is the master key or none.
        var tenant: Tenant? {
            if case .tenant(let tenant) = self { tenant } else { nil }
        }

        /// The tenant to which the caller's answers in the cache belong. Whoever needs no key is served as the holder of
        /// the master key is, and so are tenants that share the cache with it.
        var tenantName: String {
            switch self {
            case .anonymous, .master: KeySettings.masterName
            case .tenant(let tenant): tenant.cacheTenant
            }
        }
    }

    /// How a request ended.
    enum Ending: Sendable, Equatable {
        /// Its answer is complete. This includes an error that the gateway answers with.
        case answered
        /// The gateway cut its answer off, because the model's answer broke off or the gateway is stopping.
        case cutOff
        /// The client closed its connection, or stopped receiving.
        case clientGone
    }

    /// The id of the request. It is returned with every answer and sent to the model.
    private(set) var id: RequestID
    /// When its head was complete, or when the received bytes proved not to be a request.
    private(set) var began: NIODeadline
    /// The route of the request. It is nil where it is not a request.
    var route: Route?
    var caller = Caller.anonymous
    /// The deployments of the model that it names. It is nil before that is known.
    var group: ModelGroup?
    /// The deployment that answered, be it for a flight that the request followed. It is nil where none did.
    var producer: Producer?
    /// The value of Cache-Status. It is nil where the cache has no part in the request.
    var cacheStatus: CacheStatus?
    /// When the look-up in the cache began. It is nil where there was none.
    var lookupBegan: NIODeadline?
    /// When the look-up ended without an answer that could be sent at once. It is nil where the answer followed at once.
    var lookupEnded: NIODeadline?
    /// When the model was asked, be it for a flight that the request followed. It is nil where none was.
    var asked: NIODeadline?
    /// How old the answer was that came from the cache, in seconds. It is nil where none did.
    private(set) var age: Int64?
    /// The tokens that the model says its answer has cost, where that is known: to this request, or to the one whose answer
    /// it got.
    var usage: TokenUsage?
    /// The tokens of those parts of the answer that came from the cache, of an embedding request that found some of its
    /// inputs there, or all.
    var saved: TokenUsage?
    /// What came of storing the answer of the call that the request led. It is nil where it led none, or got no answer.
    var storing: StoreDecision?
    /// Whether the answer is a stream of events.
    private(set) var isStream = false
    /// The pieces of the stream that were written, as they came from the model or were made for the client.
    private(set) var pieces = 0
    /// When the first of them was written.
    private(set) var firstPiece: NIODeadline?
    /// When the last of them was written.
    private(set) var lastPiece: NIODeadline?
    /// Its place in a trace. It is nil unless the trace is recorded.
    var trace: RequestTrace?
    /// The status of its answer. It is 0 before there is one.
    var status = 0
    /// How many bytes of its body have been received.
    var receivedBytes = 0
    /// How many bytes of its answer have been sent, including the head. It is valid once the request has ended.
    private(set) var sentBytes: Int
    /// When the head of its answer was written. It is nil before.
    private(set) var responded: NIODeadline?
    /// When it ended, and how. It is nil before.
    private(set) var end: (at: NIODeadline, how: Ending)?

    /// Makes the record of a request that has just been received.
    ///
    /// - Parameter sentBytesBefore: how many bytes were sent on its connection before it.
    init(id: RequestID, route: Route? = nil, sentBytesBefore: Int = 0, at now: NIODeadline) {
        self.id = id
        self.sentBytes = sentBytesBefore
        self.route = route
        self.began = now
    }

    /// Makes the value the record of another request, which has just been received.
    mutating func begin(id: RequestID, route: Route?, sentBytesBefore: Int, at now: NIODeadline) {
        self.id = id
        self.route = route
        self.sentBytes = sentBytesBefore
        began = now
        caller = .anonymous
        group = nil
        producer = nil
        cacheStatus = nil
        lookupBegan = nil
        lookupEnded = nil
        asked = nil
        age = nil
        usage = nil
        saved = nil
        storing = nil
        isStream = false
        pieces = 0
        firstPiece = nil
        lastPiece = nil
        trace = nil
        status = 0
        receivedBytes = 0
        responded = nil
        end = nil
    }

    /// The head of the answer has been written.
    ///
    /// - Parameter isStream: whether the answer is a stream of events.
    mutating func respond(_ status: Int, _ cacheStatus: CacheStatus?, isStream: Bool = false, at now: NIODeadline) {
        self.status = status
        if let cacheStatus { self.cacheStatus = cacheStatus }
        self.isStream = isStream
        responded = now
    }

    /// The answer comes from the cache.
    ///
    /// - Parameters:
    ///   - age: how old it is, in seconds.
    ///   - usage: the tokens that it has cost, where they are known.
    mutating func find(age: Int64, _ usage: TokenUsage?) {
        self.age = age
        self.usage = usage
    }

    /// A piece of a stream was written.
    mutating func notePiece(at now: NIODeadline) {
        pieces &+= 1
        if firstPiece == nil { firstPiece = now }
        lastPiece = now
    }

    /// Closes the record. Only the first call counts.
    ///
    /// - Parameter sentBytes: how many bytes have been sent on its connection.
    mutating func close(_ how: Ending, sentBytes total: Int, at now: NIODeadline) {
        guard end == nil else { return }
        end = (now, how)
        sentBytes = total &- sentBytes
    }

    /// The name of the model that it names. A pattern may cover it, so that the number of names has no limit.
    var model: String? { group?.name }

    /// The deployment that answered.
    var deployment: String? { producer?.id }

    // MARK: What follows from the record

    /// The duration of the request, once it has ended.
    var duration: TimeAmount? { end.map { $0.at - began } }

    /// How long the look-up in the cache took. It is nil where there was none.
    var lookup: TimeAmount? {
        guard let lookupBegan, let ended = lookupEnded ?? responded ?? end?.at else { return nil }
        return ended - lookupBegan
    }

    /// How long it took until the head of the answer was written.
    var firstByte: TimeAmount? { responded.map { $0 - began } }

    /// How long it took from the question to the model to the end of the request. It is nil where no model was asked.
    var upstream: TimeAmount? {
        guard let asked, let end else { return nil }
        return end.at - asked
    }

    /// Whether the answer came from the cache.
    var isHit: Bool {
        if case .hit = cacheStatus?.outcome { true } else { false }
    }

    /// The tokens that the request has cost. It is nil where it cost none, or where that is not known.
    var spentTokens: TokenUsage? { savesCall ? nil : usage }

    /// The tokens that the request would have cost without the cache and without the calls of other requests. It is nil
    /// where there are none, or where that is not known.
    var savedTokens: TokenUsage? { saved ?? (savesCall ? usage : nil) }

    /// Whether the request caused no call of its own: its answer came from the cache, or from the call of another request.
    var savesCall: Bool { isHit || cacheStatus?.isCollapsed == true }
}
