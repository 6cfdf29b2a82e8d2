import Dialects
import NIOCore
import NIOHTTP1
import ResponseCache
import Text
import Upstream

/// Passes a request on to the server of a configured path. Nothing of the request or of its answer is read or kept.
struct EndpointEntrance {
    let worker: Worker
    let connection: Connection

    /// Answers the request, later.
    ///
    /// - Parameter path: the path below the configured one. It is empty where the request has no more than that.
    func enter(_ request: IncomingRequest, to server: ModelGroup, _ path: String, query: String) {
        connection.note { $0.group = server }
        let hasBody = request.body.readableBytes > 0
        let target = PassThroughTarget(
            method: request.method.rawValue,
            path: path,
            query: query,
            contentType: hasBody ? request.fields.contentType ?? "application/json" : nil,
            contentEncoding: request.fields.contentEncoding,
            rest: request.rest
        )
        var upstream = UpstreamRequest(
            passThrough: target,
            id: request.id,
            body: RequestBody(request.body, modelLiteral: nil),
            headers: request.fields.forwarded
        )
        upstream.trace = connection.trace
        RelayExchange(
            worker: worker,
            connection: connection,
            endMarks: OpenAI.stream.endMarks,
            status: worker.cache == nil ? nil : CacheStatus(.forwarded(.bypass))
        )
        .begin(upstream, to: server)
    }
}

extension APIError {
    /// 404: the configuration that is in force has no such endpoint any more.
    static func endpointGone(_ path: String) -> APIError {
        APIError(
            status: 404,
            message: "There is nothing at \(path.quotable) any more.",
            type: "invalid_request_error",
            parameter: nil,
            code: "unknown_url"
        )
    }
}
