/// [I/O thread] Carries out operations on a plugin's I/O thread. The thread's loop calls it; between those calls it
/// acts only through the loop's alarms and connections.
public protocol OperationHandler: AnyObject {
    /// The thread has begun.
    func start()

    /// Handles a message that another thread has posted.
    func handle(_ message: OperationMessage)

    /// The loop's turn is nearly over. A requested shutdown is continued here.
    func turnEnded()

    /// The thread ends: the handler fails every open operation and closes every connection.
    func close()
}
