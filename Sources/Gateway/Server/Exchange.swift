/// One request on its way to its answer. Bound to the connection's event loop.
protocol Exchange: AnyObject {
    /// The connection closed before the answer was complete; nothing can be sent any more.
    func clientGone()
    /// Whether the client takes more bytes at present. Where it does not, an exchange that streams should pause.
    func clientTakesMore(_ takesMore: Bool)
    /// The answer, whose head was sent, is cut off here: an event stream says why in its last event. `clientGone` follows.
    func cutOff(by error: APIError)
}

extension Exchange {
    func cutOff(by error: APIError) {}
}
