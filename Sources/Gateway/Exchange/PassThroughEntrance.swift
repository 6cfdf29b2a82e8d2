import CallTypes
import Dialects
import HTTPSyntax
import JSON
import NIOCore
import NIOHTTP1
import ResponseCache
import Text
import Upstream

/// Passes a request on to the deployment of the model that its body or form names, or else to that of the default
/// model. Nothing of the answer is read or kept.
struct PassThroughEntrance {
    let worker: Worker
    let connection: Connection
    /// The protocol in which the provider is asked.
    let wire: WireProtocol

    /// Answers the request, later.
    ///
    /// - Parameter path: the path below the version, with the query.
    func enter(_ request: IncomingRequest, path: String) {
        let body = request.body
        // A coded body is for its provider to decode.
        if request.fields.contentEncoding != nil { return goOn(with: request, path, nil) }
        if let type = request.fields.contentType {
            return goOn(with: request, path, Self.form(body, type, isWhole: request.rest == nil))
        }
        let limit = worker.generation.limits.jsonValues
        guard body.readableBytes >= LongWork.largeBody else {
            defer { worker.document.reset() }
            return goOn(with: request, path, Self.model(of: body, worker.document, limit: limit))
        }
        LargeRequestExchange(worker: worker, connection: connection, size: body.readableBytes) { named in
            goOn(with: request, path, named)
        }
        .begin { .success(Self.model(of: body, JSONDocument(), limit: limit)) }
    }

    /// The model that a body names.
    private struct NamedModel: Sendable {
        let name: String
        /// Where the name stands in the body.
        let range: Range<Int>
        /// Whether it is a JSON string, rather than the content of a part of a form.
        let isJSON: Bool
    }

    private func goOn(with request: IncomingRequest, _ path: String, _ named: NamedModel?) {
        let unknown = unknownObjects(in: path)
        if unknown.isEmpty { return send(request, path, named) }
        // What arrives of the body meanwhile has to wait.
        if request.rest != nil { connection.holdBody(true) }
        worker.lookUp(origins: unknown, for: connection) { send(request, path, named) }
    }

    /// The ids in the path of which the cache may know what this process does not: of a stored response, or of anything
    /// that may be a tenant's own.
    private func unknownObjects(in path: String) -> [[UInt8]] {
        if let tenant = connection.tenant, !tenant.isShared, worker.cache != nil {
            return ObjectPath(path).candidates.filter { worker.owner(of: $0) == nil }
        }
        return unknownResponse(in: path).map { [$0] } ?? []
    }

    /// Returns why a tenant's request is not passed on. It is nil where it is.
    private func refusal(of method: HTTPMethod, _ path: String, for tenant: Tenant) -> APIError? {
        let objects = ObjectPath(path)
        if let deployment = objects.deployment.map({ String(Substring($0)) }), !tenant.mayRequest(deployment) {
            return worker.generation.refusal(of: deployment, for: tenant)
        }
        switch objects.access(method, of: tenant, owner: { worker.owner(of: $0) }) {
        case .granted: return nil
        case .hidden: return .hiddenObject
        case .listing: return .listsAllTenants(path: path)
        }
    }

    /// The id of a stored response that this process has not seen being made, and of which the cache may know.
    private func unknownResponse(in path: String) -> [UInt8]? {
        guard worker.cache != nil else { return nil }
        let segments = Self.segments(of: path)
        guard segments.count >= 2, segments[0].elementsEqual("responses".utf8),
            segments[1].count <= IDSighting.longestID,
            worker.generation.resources.issuedIDs.origin(of: segments[1]) == nil
        else { return nil }
        return Array(segments[1])
    }

    private func send(_ request: IncomingRequest, _ path: String, _ named: NamedModel?) {
        let tenant = connection.tenant
        if let tenant, let refusal = refusal(of: request.method, path, for: tenant) {
            return connection.answer(refusal)
        }
        let ids = worker.generation.resources.issuedIDs
        let known = Self.segments(of: path).lazy.compactMap { id in ids.origin(of: id).map { (id, $0) } }.first
        let origin = known?.1
        guard let name = origin?.model ?? named?.name ?? worker.generation.defaultModel else {
            return connection.answer(.namesNoModel(method: request.method.rawValue, path: path))
        }
        guard let group = worker.generation.models.group(named: name), tenant?.mayRequest(name, of: group) != false
        else { return connection.answer(worker.generation.refusal(of: name, for: tenant)) }
        connection.note { $0.group = group }
        var body = RequestBody(request.body, modelLiteral: named.flatMap { $0.isJSON ? $0.range : nil })
        if let named, !named.isJSON { body.replaceModel(named.range) }
        let mark = path.utf8.firstIndex(of: UInt8(ascii: "?")) ?? path.endIndex
        let target = PassThroughTarget(
            method: request.method.rawValue,
            path: String(path[..<mark]),
            query: String(path[mark...].dropFirst()),
            contentType: request.body.readableBytes > 0 ? request.fields.contentType ?? "application/json" : nil,
            contentEncoding: request.fields.contentEncoding,
            wire: wire,
            rest: request.rest
        )
        var upstream = UpstreamRequest(
            passThrough: target,
            id: request.id,
            body: body,
            headers: request.fields.forwarded,
            account: origin?.account
        )
        upstream.trace = connection.trace
        RelayExchange(
            worker: worker,
            connection: connection,
            endMarks: OpenAI.stream.endMarks,
            status: worker.cache == nil ? nil : CacheStatus(.forwarded(.bypass)),
            origin: request.method == .POST ? worker.originNote(model: group.name, tenant: tenant) : nil,
            whenSuccessful: request.method == .DELETE ? known.map { remove(Array($0), $1) } : nil
        )
        .begin(upstream, to: group)
    }

    /// The parts of a path between its slashes, of which one may be the id of an object.
    private static func segments(of path: String) -> [Substring.UTF8View] {
        path.utf8.prefix { $0 != UInt8(ascii: "?") }.split(separator: UInt8(ascii: "/"))
    }

    /// Removes what the cache has of an object that its provider has deleted.
    private func remove(_ object: [UInt8], _ origin: IssuedIDs.Origin) -> () -> Void {
        { [worker] in
            guard let cache = worker.cache else { return }
            if let entry = origin.entry { cache.remove(entry) }
            let namespace = worker.generation.namespace
            guard let record = try? worker.loop.keys.key(ofObject: object, namespace: namespace) else { return }
            cache.remove(record)
        }
    }

    // MARK: The model that a body names

    private static func form(_ body: ByteBuffer, _ type: String, isWhole: Bool) -> NamedModel? {
        guard let boundary = MultipartForm.boundary(in: type),
            let form = body.withUnsafeReadableBytes({ MultipartForm($0, boundary: boundary, isWhole: isWhole) }),
            let field = form.field("model"), field.count <= ReadRequest.longestModelName,
            let name = body.getString(at: body.readerIndex + field.lowerBound, length: field.count)
        else { return nil }
        return NamedModel(name: name, range: field, isJSON: false)
    }

    private static func model(of body: ByteBuffer, _ document: JSONDocument, limit: Int) -> NamedModel? {
        guard body.readableBytes > 0 else { return nil }
        do throws(JSONError) {
            try document.parse(body, nodeLimit: limit)
        } catch {
            return nil
        }
        guard let root = document.root, let model = document.member("model", of: root),
            let range = document.byteRange(of: model), range.count <= 6 * ReadRequest.longestModelName,
            let name = document.string(model), !name.isEmpty
        else { return nil }
        return NamedModel(name: name, range: range, isJSON: true)
    }
}

extension APIError {
    /// 404: the gateway has nothing at a path, and nothing says to which provider the request is to be passed on.
    static func namesNoModel(method: String, path: String) -> APIError {
        let path = String(decoding: path.utf8.prefix { $0 != UInt8(ascii: "?") }, as: UTF8.self).quotable
        return APIError(
            status: 404,
            message:
                "There is nothing at \(method) /v1\(path), and the request names no model to whose provider it could "
                + "be passed on; set general_settings.default_deployment.",
            type: "invalid_request_error",
            parameter: "model",
            code: "unknown_url"
        )
    }
}
