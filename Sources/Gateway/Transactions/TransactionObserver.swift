/// Is told of every request of one event loop when the request has ended. It is bound to that loop.
protocol TransactionObserver: AnyObject {
    /// A request has ended. It is called exactly once for each request, from the one place that closes records, and must
    /// not block.
    func ended(_ transaction: borrowing Transaction)

    /// What is held back is to be handed on now, since the gateway stops.
    func settle()
}

extension TransactionObserver {
    func settle() {}
}
