import CallTypes
import Dialects
import HTTPSyntax
import NIOCore

/// Reads a request that is a form, and has it answered as any other call. What it cannot read, the provider may be able
/// to: that is passed on.
struct FormEntrance {
    let worker: Worker
    let connection: Connection
    let call: ServedCall
    /// The model that the request names in its path. It is nil where it does so in its form.
    let pathModel: String?

    /// Answers the request, now or later.
    func enter(_ request: IncomingRequest) {
        guard let boundary = request.fields.contentType.flatMap({ MultipartForm.boundary(in: $0) }) else {
            return passOn(request)
        }
        let (body, fields) = (request.body, request.fields)
        let reader = FormReader(
            generation: worker.generation,
            call: call,
            pathModel: pathModel,
            tenant: connection.tenant
        )
        guard body.readableBytes >= LongWork.largeBody else {
            do throws(APIError) {
                goOn(with: request, try reader.read(body, boundary, fields, worker.loop.keys))
            } catch {
                connection.answer(error)
            }
            return
        }
        // Nothing of a form is copied, so its reading needs no memory to speak of.
        LargeRequestExchange(worker: worker, connection: connection, size: 0) { goOn(with: request, $0) }
            .begin { reader.readAlone(body, boundary, fields) }
    }

    private func goOn(with request: IncomingRequest, _ inquiry: Inquiry?) {
        guard let inquiry else { return passOn(request) }
        InferenceEntrance(worker: worker, connection: connection, call: call, pathModel: pathModel)
            .goOn(with: request, inquiry)
    }

    private func passOn(_ request: IncomingRequest) {
        PassThroughEntrance(worker: worker, connection: connection, wire: .openAI).enter(request, path: call.path)
    }
}
