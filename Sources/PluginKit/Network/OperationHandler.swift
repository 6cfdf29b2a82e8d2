/// [I/O thread] What carries operations out on a plugin's I/O thread. The thread's loop calls it; what it does in
/// between, it does by the loop's alarms and connections.
public protocol OperationHandler: AnyObject {
    /// The thread has begun.
    func start()

    /// Takes what another thread has posted.
    func handle(_ message: OperationMessage)

    /// A turn of the loop is nearly over: go on with a shutdown that was asked for.
    func turnEnded()

    /// The thread ends: fails every operation that is still open, and closes every connection.
    func close()
}
