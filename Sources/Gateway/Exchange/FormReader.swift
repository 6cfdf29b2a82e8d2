import Dialects
import HTTPSyntax
import NIOCore
import ResponseCache
import Upstream

/// Reads what requests ask that are forms. It may be used on any thread.
struct FormReader {
    let generation: Generation
    let call: ServedCall
    /// The model that the request names in its path. It is nil where it does so in its form.
    let pathModel: String?
    /// The client's. It is nil for the master key.
    let tenant: Tenant?

    /// Reads a body. The result is nil where it is no form that the gateway understands.
    func read(
        _ body: ByteBuffer,
        _ boundary: [UInt8],
        _ fields: RequestFields,
        _ keys: CacheKeyBuilder
    ) throws(APIError) -> Inquiry? {
        let result = body.withUnsafeReadableBytes { bytes -> Result<Inquiry?, APIError> in
            Result { () throws(APIError) in
                guard let form = MultipartForm(bytes, boundary: boundary) else { return nil }
                return try read(form, of: bytes, fields, keys)
            }
        }
        return try result.get()
    }

    /// Reads a body with a key builder of its own, on any thread.
    func readAlone(_ body: ByteBuffer, _ boundary: [UInt8], _ fields: RequestFields) -> Result<Inquiry?, APIError> {
        do {
            let keys = try CacheKeyBuilder()
            return Result { () throws(APIError) in try read(body, boundary, fields, keys) }
        } catch {
            return .failure(.internalFailure("\(error)"))
        }
    }

    private func read(
        _ form: MultipartForm,
        of body: UnsafeRawBufferPointer,
        _ fields: RequestFields,
        _ keys: CacheKeyBuilder
    ) throws(APIError) -> Inquiry? {
        let request: FormRequest?
        do {
            request = try form.readRequest(body, call.request, pathModel: pathModel)
        } catch {
            throw .invalidRequest("\(error)", parameter: error.member)
        }
        guard let request else { return nil }
        let name = request.read.model.isEmpty ? generation.defaultModel : request.read.model
        guard let name else { throw .namesNoModel(method: "POST", path: call.path) }
        guard let group = generation.models.group(named: name) else { throw generation.refusal(of: name, for: tenant) }
        var controls = CacheControls(fields)
        if let tenant {
            try tenant.check(group, named: name, in: generation)
            try tenant.restrict(
                &controls,
                isCachingOff: request.read.isCachingOff,
                namesKey: request.cacheKey != nil
            )
        }
        let rule = generation.cacheRules?.rule(of: group)
        var use = CacheUse.bypass
        if let policy = generation.cachePolicy {
            use = rule?.use(policy, of: call.type, &controls) ?? policy.use(of: call.type, controls)
        }
        return Inquiry(
            read: request.read,
            group: group,
            details: Inquiry.Details(includesUsage: false, continuedObject: nil, inputCount: 1),
            use: use,
            controls: controls,
            caching: try caching(request, of: body, group, rule, use, controls, fields, keys)
        )
    }

    private func caching(
        _ request: FormRequest,
        of body: UnsafeRawBufferPointer,
        _ group: ModelGroup,
        _ rule: ModelCacheRule?,
        _ use: CacheUse,
        _ controls: CacheControls,
        _ fields: RequestFields,
        _ keys: CacheKeyBuilder
    ) throws(APIError) -> Inquiry.Caching {
        let bypass = request.bypass ?? rule?.bypass(size: body.count)
        guard !use.isBypassed, !request.read.isCachingOff, bypass == nil else {
            let reason: CacheStatus.Forward = use.isBypassed || bypass != nil ? .bypass : .request
            return .bypassed(reason, detail: bypass?.detail, onlyIfCached: controls.onlyIfCached)
        }
        do {
            let material = try generation.keyMaterial(
                for: tenant,
                prepared: nil,
                callType: call.type,
                group: group,
                clientNamespace: nil,
                keyedValues: fields.keyedValues
            )
            if let name = request.cacheKey { return .whole(try keys.key(for: material, name: name)) }
            let ignored = rule?.ignoredMembers ?? []
            let keyed = request.keyed.lazy.filter { !ignored.contains($0.name) }.map { ($0.labels, $0.content) }
            return .whole(try keys.key(for: material, form: Array(keyed), of: body))
        } catch {
            throw .internalFailure("\(error)")
        }
    }
}

extension CacheControls {
    /// The controls of a request that has none in its body.
    fileprivate init(_ fields: RequestFields) {
        self.init()
        for value in fields.cacheControl { add(cacheControl: value) }
        if let pragma = fields.pragma, fields.cacheControl.isEmpty { add(pragma: pragma) }
    }
}
