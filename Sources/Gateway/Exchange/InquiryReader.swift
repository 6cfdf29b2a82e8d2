import Dialects
import JSON
import NIOCore
import ResponseCache
import Upstream

/// What a request asks for, with everything that the gateway reads in its body.
struct Inquiry: Sendable {
    /// What the form of an embedding or streamed answer depends on.
    struct Details: Sendable {
        /// Whether a stream is requested with `stream_options.include_usage`.
        let includesUsage: Bool
        /// The id of the object at the provider that the request continues.
        let continuedObject: [UInt8]?
        /// The number of inputs in an embedding request. It is 1 where the number cannot be determined.
        let inputCount: Int
    }

    /// How the cache may be used for the request.
    enum Caching: Sendable {
        /// The cache is not used, because there is none or because the configuration or the request itself bypasses it.
        case bypassed(CacheStatus.Forward, detail: StaticString?, onlyIfCached: Bool)
        /// The request has one answer.
        case whole(CacheKey)
        /// Each input has its own answer.
        case byInput(Embeddings)
    }

    /// The inputs of an embedding request.
    struct Embeddings: Sendable {
        /// The range of the value of `input` in the body.
        let inputRange: Range<Int>
        /// The text of each input.
        let inputs: [ByteBuffer]
        /// The key of each input.
        let keys: [CacheKey]
    }

    let read: ReadRequest
    let group: ModelGroup
    let details: Details
    let use: CacheUse
    let controls: CacheControls
    let caching: Caching

    /// Calls a function with the parts, as `InquiryReader.read` does.
    func pass<Result>(
        to then: (ReadRequest, ModelGroup, Details, CacheUse, CacheControls, Caching) -> Result
    ) -> Result {
        then(read, group, details, use, controls, caching)
    }
}

/// Reads what requests ask. It may be used on any thread, with that thread's own document and key builder.
struct InquiryReader {
    let generation: Generation
    let call: ServedCall
    /// The model that the request names in its path. It is nil where it does so in its body.
    let pathModel: String?
    /// The client's. It is nil for the master key.
    let tenant: Tenant?
    /// What is part of the cache keys of tenants. It is nil on other threads than the event loop's.
    let tenantMaterials: TenantMaterials?
    let document: JSONDocument
    let keys: CacheKeyBuilder

    /// Reads a body, which stays in the document, and passes the results to `then`.
    // It is inlined and does not return the results as one value, which would be large and be copied several times.
    @inline(__always)
    func read<Result>(
        _ body: ByteBuffer,
        _ fields: RequestFields,
        _ then: (ReadRequest, ModelGroup, Inquiry.Details, CacheUse, CacheControls, Inquiry.Caching) -> Result
    ) throws(APIError) -> Result {
        let read = try read(body)
        guard let group = generation.models.group(named: read.model) ?? defaultGroup(for: read) else {
            throw read.model.isEmpty
                ? .namesNoModel(method: "POST", path: call.path) : generation.refusal(of: read.model, for: tenant)
        }
        if let tenant { try tenant.check(group, named: read.model, in: generation) }
        let inputs = call.answer.kept == .byInput ? try inputs(read) : nil
        let details = Inquiry.Details(
            includesUsage: read.isStream && call.request.asksForUsage(document),
            continuedObject: call.request.continuedObject.flatMap { $0(document) },
            inputCount: inputs?.count ?? 1
        )
        guard let policy = generation.cachePolicy else {
            return then(
                read,
                group,
                details,
                .bypass,
                CacheControls(),
                .bypassed(.bypass, detail: nil, onlyIfCached: false)
            )
        }
        var controls = try controls(read, fields)
        if let tenant {
            try tenant.restrict(&controls, isCachingOff: read.isCachingOff, namesKey: read.cacheKey != nil)
        }
        var use = policy.use(of: call.type, controls)
        var bypass = call.request.bypass.flatMap { $0(document, generation.cacheAllowance) }
        if let rules = generation.cacheRules, let rule = rules.rule(of: group) {
            use = rule.use(policy, of: call.type, &controls)
            bypass = bypass ?? rule.bypass(call.type, document, size: body.readableBytes)
            rule.leaveOut(of: document)
        }
        guard !use.isBypassed, !read.isCachingOff, bypass == nil else {
            let reason: CacheStatus.Forward = use.isBypassed || bypass != nil ? .bypass : .request
            return then(
                read,
                group,
                details,
                use,
                controls,
                .bypassed(reason, detail: bypass?.detail, onlyIfCached: controls.onlyIfCached)
            )
        }
        let caching: Inquiry.Caching
        do {
            let material = try generation.keyMaterial(
                for: tenant,
                prepared: tenantMaterials,
                callType: call.type,
                group: group,
                clientNamespace: controls.namespace,
                keyedValues: fields.keyedValues
            )
            if let input = read.input, let inputs {
                caching = .byInput(try embeddings(inputs, of: input, in: body, material))
            } else if let name = read.cacheKey, call.answer.kept == .whole {
                caching = .whole(try keys.key(for: material, name: name, in: document))
            } else {
                caching = .whole(try keys.key(for: material, body: document))
            }
        } catch {
            throw .internalFailure("\(error)")
        }
        return then(read, group, details, use, controls, caching)
    }

    /// The default model's group, for a request that names no model.
    private func defaultGroup(for read: ReadRequest) -> ModelGroup? {
        guard pathModel == nil, let name = generation.defaultModel else { return nil }
        switch read.modelPlace {
        case .missing, .none: return generation.models.group(named: name)
        case .literal, .form: return nil
        }
    }

    /// Reads a body with a document and a key builder of its own, on any thread.
    static func readAlone(
        _ body: ByteBuffer,
        _ fields: RequestFields,
        _ call: ServedCall,
        _ pathModel: String?,
        _ tenant: Tenant?,
        _ generation: Generation
    ) -> Result<Inquiry, APIError> {
        let keys: CacheKeyBuilder
        do {
            keys = try CacheKeyBuilder()
        } catch {
            return .failure(.internalFailure("\(error)"))
        }
        let reader = InquiryReader(
            generation: generation,
            call: call,
            pathModel: pathModel,
            tenant: tenant,
            tenantMaterials: nil,
            document: JSONDocument(),
            keys: keys
        )
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

    @inline(__always)
    private func read(_ body: ByteBuffer) throws(APIError) -> ReadRequest {
        let limit = generation.limits.jsonValues
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
            return try document.readRequest(call.request, pathModel: pathModel)
        } catch {
            throw .invalidRequest("\(error)", parameter: error.member.isEmpty ? nil : error.member)
        }
    }

    private func inputs(_ read: ReadRequest) throws(APIError) -> [JSONNode]? {
        guard let input = read.input else { return nil }
        let limit = generation.limits.embeddingInputs
        let inputs = document.inputs(of: input, atMost: limit)
        if let inputs, inputs.count > limit { throw .tooManyInputs(limit: limit) }
        return inputs
    }

    private func embeddings(
        _ inputs: [JSONNode],
        of input: JSONNode,
        in body: ByteBuffer,
        _ material: KeyMaterial
    ) throws(SHA256Failure) -> Inquiry.Embeddings {
        let common = try keys.embeddingKeys(for: material, body: document, apartFrom: input)
        var inputKeys: [CacheKey] = []
        inputKeys.reserveCapacity(inputs.count)
        for input in inputs { inputKeys.append(try keys.key(of: input, in: document, under: common)) }
        return Inquiry.Embeddings(
            inputRange: document.byteRange(of: input) ?? 0..<0,
            inputs: document.texts(of: inputs, in: body),
            keys: inputKeys
        )
    }

    @inline(__always)
    private func controls(_ read: ReadRequest, _ fields: RequestFields) throws(APIError) -> CacheControls {
        var controls: CacheControls
        do {
            controls = try CacheControls(object: read.cache, in: document)
        } catch {
            throw .invalidRequest("\(error)", parameter: error.member)
        }
        for value in fields.cacheControl { controls.add(cacheControl: value) }
        if let pragma = fields.pragma, fields.cacheControl.isEmpty { controls.add(pragma: pragma) }
        return controls
    }
}

extension APIError {
    /// The error with status 413 for a body with more JSON values than are read.
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

    /// The error with status 400 for a request with more inputs than one request may have.
    static func tooManyInputs(limit: Int) -> APIError {
        .invalidRequest(
            "'input' has more than \(limit) inputs, which is the most that one request may have "
                + "(general_settings.max_embedding_inputs); send several requests.",
            parameter: "input",
            code: "too_many_inputs"
        )
    }

    /// The error with status 503 for a large body that arrives while too many others wait to be read.
    static let tooMuchLongWork = APIError(
        status: 503,
        message: "Too many large requests are being read; try again in a second.",
        type: "server_error",
        parameter: nil,
        code: "overloaded",
        headers: [("retry-after", "1")]
    )
}
