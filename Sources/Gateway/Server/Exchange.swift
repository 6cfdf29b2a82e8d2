/// Answers one request later. It is bound to the connection's event loop.
protocol Exchange: AnyObject {
    /// The connection closed before the answer was complete, and nothing can be sent any more.
    func clientGone()
    /// Reports whether the client currently accepts more bytes. If it does not, an exchange that streams should pause.
    func clientTakesMore(_ takesMore: Bool)
    /// The answer, whose head was sent, is cut off here. The last event of an event stream gives the reason.
    /// `clientGone` follows.
    func cutOff(by error: APIError)
}

extension Exchange {
    func cutOff(by error: APIError) {}
}
