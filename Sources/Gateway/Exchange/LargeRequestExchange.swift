import Dialects
import JSON
import NIOCore
import ResponseCache

/// A request whose body is so large that it is read on another thread.
final class LargeRequestExchange {
    private let entrance: InferenceEntrance
    private let request: IncomingRequest
    /// Memory for the body in its canonical form.
    private var memory: Reservation
    private var isOver = false

    init(_ entrance: InferenceEntrance, _ request: IncomingRequest) {
        self.entrance = entrance
        self.request = request
        memory = Reservation(entrance.worker.memory)
    }

    func begin() {
        let worker = entrance.worker
        guard memory.grow(by: request.body.readableBytes) else { return refuse(.outOfMemory) }
        entrance.connection.attach(self)
        let exchange = NIOLoopBound(self, eventLoop: worker.eventLoop)
        let (generation, call) = (worker.generation, entrance.call)
        let (body, fields) = (request.body, request.fields)
        let isTaken = generation.resources.longWork.submit(on: worker.eventLoop) {
            Self.read(body, fields, call, generation)
        } done: {
            exchange.value.read($0)
        }
        if !isTaken { refuse(.tooMuchLongWork) }
    }

    private static func read(
        _ body: ByteBuffer,
        _ fields: RequestFields,
        _ call: ServedCall,
        _ generation: Generation
    ) -> Result<Inquiry, APIError> {
        let keys: CacheKeyBuilder
        do {
            keys = try CacheKeyBuilder()
        } catch {
            return .failure(.internalFailure("\(error)"))
        }
        let reader = InquiryReader(generation: generation, call: call, document: JSONDocument(), keys: keys)
        do throws(APIError) {
            return .success(
                try reader.read(body, fields) {
                    Inquiry(read: $0, group: $1, details: $2, use: $3, controls: $4, caching: $5)
                }
            )
        } catch {
            return .failure(error)
        }
    }

    private func read(_ result: Result<Inquiry, APIError>) {
        memory.release()
        guard !isOver else { return }
        isOver = true
        switch result {
        case .success(let inquiry): entrance.goOn(with: request, inquiry)
        case .failure(let error): entrance.connection.answer(error)
        }
    }

    private func refuse(_ error: APIError) {
        isOver = true
        memory.release()
        entrance.connection.answer(error)
    }
}

extension LargeRequestExchange: Exchange {
    func clientGone() { isOver = true }

    func clientTakesMore(_ takesMore: Bool) {}
}
