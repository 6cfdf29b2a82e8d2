/// How far the server's end on one event loop has come: first the connections that have a request are waited for, then all
/// others. A value.
struct ServerDrain {
    private(set) var isStopping = false
    /// Connections that have a request, or an answer to take, since the server is stopping.
    private var busy = 0
    private var whenSettled: (() -> Void)?
    private var whenEmpty: (() -> Void)?

    /// Whether connections that have no request are closed.
    var isFinishing: Bool { whenEmpty != nil }

    mutating func becameBusy() { busy += 1 }

    mutating func closed(wasBusy: Bool) { if wasBusy { busy -= 1 } }

    mutating func stop(_ done: @escaping () -> Void) {
        isStopping = true
        whenSettled = done
    }

    mutating func finish(_ done: @escaping () -> Void) {
        whenEmpty = done
    }

    /// Who is to be told that what they wait for has come about. Each is told once.
    mutating func settled(isEmpty: Bool) -> (() -> Void)? {
        guard isStopping else { return nil }
        let settled = busy == 0 ? whenSettled.take() : nil
        let empty = isEmpty ? whenEmpty.take() : nil
        guard settled != nil || empty != nil else { return nil }
        return {
            settled?()
            empty?()
        }
    }
}
