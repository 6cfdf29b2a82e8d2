import NIOCore

/// Answers one request later. It is bound to the connection's event loop.
protocol Exchange: AnyObject {
    /// The connection closed before the answer was complete, and nothing can be sent any more.
    func clientGone()
    /// Reports whether the client currently accepts more bytes. If it does not, an exchange that streams should pause.
    func clientTakesMore(_ takesMore: Bool)
    /// A further part of the request's body has been received. It is called only for a request that was passed on before
    /// its body was complete.
    func bodyArrived(_ bytes: ByteBuffer)
    /// The body of such a request is complete.
    func bodyEnded()
    /// The answer, whose head was sent, is cut off here. The last event of an event stream gives the reason.
    /// `clientGone` follows.
    func cutOff(by error: APIError)
}

extension Exchange {
    func cutOff(by error: APIError) {}
    func bodyArrived(_ bytes: ByteBuffer) {}
    func bodyEnded() {}
}
