import NIOCore

/// A request whose body is so large that it is read on another thread.
final class LargeRequestExchange<Reading: Sendable> {
    private let worker: Worker
    private let connection: Connection
    private let size: Int
    private let goOn: (Reading) -> Void
    /// Memory for the body in its canonical form.
    private var memory: Reservation
    private var isOver = false

    /// - Parameters:
    ///   - size: the length of the body in bytes.
    ///   - goOn: what follows on the event loop when the body has been read.
    init(worker: Worker, connection: Connection, size: Int, goOn: @escaping (Reading) -> Void) {
        self.worker = worker
        self.connection = connection
        self.size = size
        self.goOn = goOn
        memory = Reservation(worker.memory)
    }

    /// - Parameter read: reads the body, on another thread.
    func begin(_ read: @escaping @Sendable () -> Result<Reading, APIError>) {
        guard memory.grow(by: size) else { return refuse(.outOfMemory) }
        connection.attach(self)
        let exchange = NIOLoopBound(self, eventLoop: worker.eventLoop)
        let isTaken = worker.generation.resources.longWork.submit(on: worker.eventLoop, read) {
            exchange.value.take($0)
        }
        if !isTaken { refuse(.tooMuchLongWork) }
    }

    private func take(_ result: Result<Reading, APIError>) {
        memory.release()
        guard !isOver else { return }
        isOver = true
        switch result {
        case .success(let reading): goOn(reading)
        case .failure(let error): connection.answer(error)
        }
    }

    private func refuse(_ error: APIError) {
        isOver = true
        memory.release()
        connection.answer(error)
    }
}

extension LargeRequestExchange: Exchange {
    func clientGone() { isOver = true }

    func clientTakesMore(_ takesMore: Bool) {}
}
