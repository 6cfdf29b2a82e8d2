/// Answers requests on one event loop. The server knows nothing else of what is behind it.
protocol RequestHandler: AnyObject {
    /// Which pages of other origins may read the answers. It is nil where nothing is said about that.
    var crossOrigin: CrossOriginRules? { get }

    /// Decides from its head alone whether a request is read and answered.
    ///
    /// - Parameter scope: what the listener is for that accepted the connection.
    func admit(_ head: RequestHead, at scope: ListenerScope) -> Result<Transaction.Caller, APIError>

    /// Answers a request that was read whole, either at once or through an exchange that it attaches to the connection.
    func answer(_ request: IncomingRequest, on connection: Connection)

    /// There will be no further request. Resources that are kept open for requests are closed.
    func shutDown()
}
