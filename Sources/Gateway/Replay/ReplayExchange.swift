import Deadlines
import NIOCore
import ResponseCache

/// Sends an answer from the cache that is not sent in one buffer: a converted body, or the events of a recorded stream.
/// It is sent as fast as the client reads, or with the recorded gaps.
///
/// It is bound to the connection's event loop. Bytes that the client has not accepted stay in one buffer.
final class ReplayExchange {
    /// How many bytes are written at a time.
    private static let slice = 32 * 1024

    private let connection: Connection
    private let framing: BodyFraming
    /// The bytes to send at once, or the rest of them.
    private var rest: ByteBuffer
    /// The events to send at their times, counted from `began`.
    private var schedule: ReplaySchedule
    private let began: NIODeadline
    private var timer: Deadlines.Token?
    private var isOver = false
    /// Whether bytes are being written, which may make the connection accept more at once.
    private var isWriting = false
    /// The memory of the bytes that have not been written.
    private var memory: Reservation

    init(_ connection: Connection, framing: BodyFraming, events: ByteBuffer, paced: [(gap: Int, raw: ByteBuffer)] = [])
    {
        self.connection = connection
        self.framing = framing
        self.rest = events
        self.schedule = ReplaySchedule(paced)
        self.began = connection.loop.now()
        self.memory = Reservation(connection.loop.memory)
    }

    func begin() {
        memory.charge(rest.readableBytes + schedule.readableBytes)
        connection.attach(self)
        goOn()
    }

    private func goOn() {
        guard !isWriting else { return }
        isWriting = true
        defer { isWriting = false }
        while !isOver {
            while let piece = rest.readSlice(length: min(Self.slice, rest.readableBytes)), piece.readableBytes > 0 {
                connection.send(body: piece, framing: framing)
                connection.flush()
                guard connection.takesMore else { return }
            }
            guard let next = schedule.next else {
                isOver = true
                memory.release()
                return connection.finish(framing: framing)
            }
            guard let due = schedule.take(at: elapsed) else {
                if timer == nil {
                    timer = connection.loop.deadlines.arm(at: began + .milliseconds(next), for: self, reason: 0)
                }
                return
            }
            rest = due
        }
    }

    private var elapsed: Int64 { (connection.loop.now() - began).nanoseconds / 1_000_000 }
}

extension ReplayExchange: Expiring {
    func deadlinePassed(reason: UInt32) {
        timer = nil
        goOn()
    }
}

extension ReplayExchange: Exchange {
    func clientGone() {
        isOver = true
        memory.release()
        if let timer { connection.loop.deadlines.disarm(timer) }
        timer = nil
    }

    func clientTakesMore(_ takesMore: Bool) { if takesMore { goOn() } }
}
