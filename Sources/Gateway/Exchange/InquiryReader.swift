import NIOCore
import ResponseCache
import Upstream

/// What a request asks: all that the gateway reads in its body.
struct Inquiry: Sendable {
    /// What the cache has to do with it.
    enum Caching: Sendable {
        /// Nothing: there is none.
        case none
        /// Nothing, as the configuration or the request itself says.
        case bypass(CacheControls, CacheStatus.Forward)
        /// The request has one answer.
        case answer(CacheKey, CacheControls, CacheUse)
        /// Each input has an answer of its own.
        case embeddings(Embeddings, CacheControls, CacheUse)
    }

    /// The inputs of an embedding request.
    struct Embeddings: Sendable {
        /// Where the value of `input` stands in the body.
        let inputRange: Range<Int>
        /// The text of each input.
        let inputs: [ByteBuffer]
        /// The key of each input.
        let keys: [CacheKey]
    }

    let read: ReadRequest
    let group: ModelGroup
    /// Whether `stream_options.include_usage` is true, of a stream.
    let includesUsage: Bool
    /// How many inputs an embedding request has; 1 where it cannot be told.
    let inputCount: Int
    let caching: Caching
}

/// Reads what requests ask. It may be used on any thread, with a document and a key builder of that thread's own.
struct InquiryReader {
    let service: Service
    let callType: CallType
    let document: JSONDocument
    let keys: CacheKeyBuilder

    /// Reads a body, which is left in the document.
    func read(_ body: ByteBuffer, _ fields: RequestFields) throws(APIError) -> Inquiry {
        let read = try read(body)
        guard let group = service.models.group(named: read.model) else {
            throw service.refusal(of: read.model)
        }
        let inputs = try inputs(read)
        return Inquiry(
            read: read,
            group: group,
            includesUsage: read.stream && document.asksForUsage,
            inputCount: inputs?.count ?? 1,
            caching: try caching(read, body, fields, group, inputs)
        )
    }

    private func read(_ body: ByteBuffer) throws(APIError) -> ReadRequest {
        let limit = service.limits.jsonValues
        do {
            try document.parse(body, nodeLimit: limit)
        } catch {
            guard error.code != .tooManyValues else { throw .tooManyValues(limit: limit) }
            throw .invalidRequest(
                "\(error)",
                parameter: error.path.isEmpty ? nil : error.path,
                code: "invalid_json"
            )
        }
        do {
            return try document.readRequest()
        } catch {
            throw .invalidRequest("\(error)", parameter: error.member.isEmpty ? nil : error.member)
        }
    }

    private func inputs(_ read: ReadRequest) throws(APIError) -> [JSONNode]? {
        guard callType == .embedding, let input = read.input else { return nil }
        let limit = service.limits.embeddingInputs
        let inputs = document.inputs(of: input, atMost: limit)
        if let inputs, inputs.count > limit { throw .tooManyInputs(limit: limit) }
        return inputs
    }

    private func caching(
        _ read: ReadRequest,
        _ body: ByteBuffer,
        _ fields: RequestFields,
        _ group: ModelGroup,
        _ inputs: [JSONNode]?
    ) throws(APIError) -> Inquiry.Caching {
        guard let policy = service.cachePolicy else { return .none }
        let controls = try controls(read, fields)
        let use = policy.use(of: callType, controls)
        if use.isBypassed { return .bypass(controls, .bypass) }
        if read.isCachingOff { return .bypass(controls, .request) }
        let material = service.keyMaterial(
            callType: callType,
            group: group,
            clientNamespace: controls.namespace,
            beta: fields.beta
        )
        do {
            guard let input = read.input, let inputs else {
                return .answer(try keys.key(for: material, body: document), controls, use)
            }
            let common = try keys.embeddingKeys(for: material, body: document)
            var inputKeys: [CacheKey] = []
            inputKeys.reserveCapacity(inputs.count)
            for input in inputs { inputKeys.append(try keys.key(of: input, in: document, under: common)) }
            let embeddings = Inquiry.Embeddings(
                inputRange: document.byteRange(of: input) ?? 0..<0,
                inputs: document.texts(of: inputs, in: body),
                keys: inputKeys
            )
            return .embeddings(embeddings, controls, use)
        } catch {
            throw .internalFailure("\(error)")
        }
    }

    private func controls(_ read: ReadRequest, _ fields: RequestFields) throws(APIError) -> CacheControls {
        var controls: CacheControls
        do {
            controls = try CacheControls(object: read.cache, in: document)
        } catch {
            throw .invalidRequest("\(error)", parameter: error.member)
        }
        for value in fields.cacheControl { controls.add(cacheControl: value) }
        return controls
    }
}

extension JSONDocument {
    /// Whether `stream_options.include_usage` is true.
    fileprivate var asksForUsage: Bool {
        guard let root, let options = member("stream_options", of: root),
            let usage = member("include_usage", of: options)
        else { return false }
        return bool(usage) ?? false
    }
}

extension APIError {
    /// 413: a body whose values take more memory and time than its bytes.
    static func tooManyValues(limit: Int) -> APIError {
        APIError(
            status: 413,
            message:
                "The request body has more than \(limit) JSON values and names of members, which is the most that is read "
                + "(general_settings.max_json_values).",
            type: "invalid_request_error",
            parameter: nil,
            code: "too_many_json_values"
        )
    }

    /// 400: more embeddings than are made at a time.
    static func tooManyInputs(limit: Int) -> APIError {
        .invalidRequest(
            "'input' has more than \(limit) inputs, which is the most that one request may have "
                + "(general_settings.max_embedding_inputs); send several requests.",
            parameter: "input",
            code: "too_many_inputs"
        )
    }

    /// 503: more large bodies wait to be read than should.
    static let tooMuchLongWork = APIError(
        status: 503,
        message: "Too many large requests are being read; try again in a second.",
        type: "server_error",
        parameter: nil,
        code: "overloaded",
        headers: [("retry-after", "1")]
    )
}
