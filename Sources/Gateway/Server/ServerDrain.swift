/// The progress of the server's end on one event loop: it waits first for the connections that have a request, then for
/// all others.
struct ServerDrain {
    private(set) var isStopping = false
    /// The number of connections that have, or had, a request while the server is stopping.
    private var busy = 0
    private var whenSettled: (() -> Void)?
    private var whenEmpty: (() -> Void)?

    mutating func becameBusy() { busy += 1 }

    mutating func closed(wasBusy: Bool) { if wasBusy { busy -= 1 } }

    mutating func stop(_ done: @escaping () -> Void) {
        isStopping = true
        whenSettled = done
    }

    mutating func finish(_ done: @escaping () -> Void) {
        whenEmpty = done
    }

    /// Returns the callback of a wait that is over. Each callback is returned once.
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
