import ContentCoding
import NIOCore

/// A request whose body has a content coding. A short one is decoded at once, and any other on another thread, so that
/// it holds up no other request however much it expands.
final class DecodingExchange {
    /// The size of the largest coded body that is decoded at once, in bytes. What it expands to is not larger than
    /// `LongWork.largeBody`, else it is decoded anew on another thread.
    static let shortBody = 32 * 1024

    private let worker: Worker
    private let connection: Connection
    private let request: IncomingRequest
    private let coding: ContentCoding
    private let goOn: (IncomingRequest) -> Void
    private var isOver = false

    /// - Parameter goOn: what follows on the event loop with the decoded request.
    init(
        worker: Worker,
        connection: Connection,
        request: IncomingRequest,
        coding: ContentCoding,
        goOn: @escaping (IncomingRequest) -> Void
    ) {
        self.worker = worker
        self.connection = connection
        self.request = request
        self.coding = coding
        self.goOn = goOn
    }

    /// Decodes the body within the limit for bodies.
    func begin() {
        let limit = worker.generation.limits.bodyBytes
        let shortLimit = min(limit, LongWork.largeBody)
        if request.body.readableBytes <= Self.shortBody {
            do {
                let body = try coding.expand(request.body, limit: shortLimit) { _ in true }
                return finish(.success(DecodedBody(body: body, taken: 0)))
            } catch  where error == .tooLarge && shortLimit < limit {
                // It is not short after all.
            } catch {
                return finish(.failure(error))
            }
        }
        connection.attach(self)
        let exchange = NIOLoopBound(self, eventLoop: worker.eventLoop)
        let (coding, body, budget) = (coding, request.body, worker.generation.resources.memory)
        let isTaken = worker.generation.resources.longWork.submit(on: worker.eventLoop) {
            DecodedBody.decode(body, coding, limit: limit, budget)
        } done: {
            exchange.value.take($0)
        }
        if !isTaken {
            isOver = true
            connection.answer(.tooMuchLongWork)
        }
    }

    private func take(_ result: Result<DecodedBody, ExpansionFailure>) {
        guard !isOver else {
            if case .success(let decoded) = result { worker.generation.resources.memory.giveBack(decoded.taken) }
            return
        }
        finish(result)
    }

    private func finish(_ result: Result<DecodedBody, ExpansionFailure>) {
        isOver = true
        switch result {
        case .success(let decoded):
            guard connection.replaceBody(by: decoded.body, taken: decoded.taken) else {
                return connection.answer(.outOfMemory)
            }
            request.fields.bodyWasDecoded()
            goOn(
                IncomingRequest(
                    id: request.id,
                    method: request.method,
                    route: request.route,
                    fields: request.fields,
                    body: decoded.body
                )
            )
        case .failure(.malformed): connection.answer(.malformedCoding(coding))
        case .failure(.tooLarge): connection.answer(.tooLarge(limit: worker.generation.limits.bodyBytes))
        case .failure(.outOfMemory): connection.answer(.outOfMemory)
        }
    }
}

extension DecodingExchange: Exchange {
    func clientGone() { isOver = true }

    func clientTakesMore(_ takesMore: Bool) {}
}

/// A body that was decoded, and how many bytes were taken from the budget for it.
private struct DecodedBody {
    let body: ByteBuffer
    let taken: Int

    /// Decodes a body. What was taken from the budget is given back where that fails. [any thread]
    static func decode(
        _ body: ByteBuffer,
        _ coding: ContentCoding,
        limit: Int,
        _ budget: MemoryBudget
    ) -> Result<DecodedBody, ExpansionFailure> {
        var taken = 0
        do throws(ExpansionFailure) {
            let decoded = try coding.expand(body, limit: limit) { bytes in
                guard budget.take(bytes, for: .request) else { return false }
                taken += bytes
                return true
            }
            return .success(DecodedBody(body: decoded, taken: taken))
        } catch {
            budget.giveBack(taken)
            return .failure(error)
        }
    }
}

extension APIError {
    /// 400: the body is not what its Content-Encoding says.
    static func malformedCoding(_ coding: ContentCoding) -> APIError {
        .invalidRequest(
            "The request body is not valid \(coding.name): it is damaged, ends too early, or has something behind its end.",
            code: "malformed_content_encoding"
        )
    }
}
