import CallTypes
import Configuration
import Dialects
import HTTPSyntax
import JSON
import NIOCore
import ResponseCache
import Text
import Upstream

/// A request as the gateway reads it, with everything that its key covers.
struct ExplainedRequest {
    let name: String
    let body: ByteBuffer
    let endpoint: RequestEndpoint
    let call: ServedCall
    /// The document that was parsed from the body. It has left out what the key does not cover. It is nil for a form.
    let document: JSONDocument?
    /// The form. It is nil for JSON.
    let form: FormRequest?
    let inquiry: Inquiry
    /// What the key covers besides the body.
    let parts: KeyParts
    /// The rule of its model. It is nil where the policy for all models applies.
    let rule: ModelCacheRule?
    /// Why the cache has no part in it, as a clause. It is nil where it has.
    let uncached: String?

    /// The keys of its entries: one, or one for each input. There is none where it is not cached.
    var keys: [CacheKey] {
        switch inquiry.caching {
        case .bypassed: []
        case .whole(let key): [key]
        case .byInput(let embeddings): embeddings.keys
        }
    }

    var isByInput: Bool {
        if case .byInput = inquiry.caching { true } else { false }
    }

    /// Whether its key covers a name that the client has given in place of the body.
    var isNamed: Bool {
        guard case .whole = inquiry.caching, call.answer.kept == .whole else { return false }
        return inquiry.read.cacheKey != nil || form?.cacheKey != nil
    }

    /// The bytes of a range of the body.
    func bytes(_ range: Range<Int>) -> ByteBufferView {
        let view = body.readableBytesView
        let range = range.clamped(to: 0..<view.count)
        return view[(view.startIndex + range.lowerBound)..<(view.startIndex + range.upperBound)]
    }
}

/// Reads requests for an explanation, by the gateway's own readers and with the configuration of one generation. It keeps
/// the documents that it reads, and uses no cache and no model.
struct RequestExplainer {
    let generation: Generation
    /// The tenants by their names.
    let tenants: [Tenant]

    init(_ blueprint: Blueprint, _ resources: ServerResources) throws {
        generation = try Generation(blueprint, resources)
        let usages = resources.keyUsages
        tenants = blueprint.settings.keys.enumerated().map { Tenant($1, position: $0, usages: usages) }
    }

    /// Reads a request as the gateway would.
    func read(_ source: RequestSource) throws(UnexplainedRequest) -> ExplainedRequest {
        let limit = generation.limits.bodyBytes
        guard source.body.readableBytes <= limit else { throw UnexplainedRequest(.tooLarge(limit: limit)) }
        let endpoint = endpoint(of: source)
        let head = try head(source, endpoint)
        let tenant = try tenant(of: source, head)
        guard head.fields.contentEncoding == nil else {
            throw UnexplainedRequest(.usage, "a body with a content coding is not explained; decode it first")
        }
        switch head.route {
        case .inference(let type): return try read(source, endpoint, type, model: nil, tenant, head.fields)
        case .deployment(let type, let model):
            return try read(source, endpoint, type, model: model, tenant, head.fields)
        case .form(let type, let model):
            return try readForm(source, endpoint, type, model: model, tenant, head.fields)
        case .passThrough:
            throw UnexplainedRequest(
                .neverCached,
                "POST \(head.printablePath) is passed on without the cache; cache_params.supported_call_types lists the "
                    + "calls that are cached"
            )
        default:
            throw UnexplainedRequest(
                .usage,
                "POST \(head.printablePath) asks no model; name one of the gateway's calls with --endpoint"
            )
        }
    }

    private func endpoint(of source: RequestSource) -> RequestEndpoint {
        if let path = source.endpoint { return RequestEndpoint(given: path) }
        let speaksAnthropic = source.headers.contains { header in
            header.prefix { $0 != ":" }.lowercased().utf8.elementsEqual("anthropic-version".utf8)
        }
        return RequestEndpoint(of: source.body, JSONDocument(), nodeLimit: generation.limits.jsonValues) { name in
            if speaksAnthropic { return true }
            guard let group = generation.models.group(named: name) else { return false }
            return group.deployments.allSatisfy { $0.provider.utf8.elementsEqual("anthropic".utf8) }
        }
    }

    /// The head that a client would send, read as a client's.
    private func head(
        _ source: RequestSource,
        _ endpoint: RequestEndpoint
    ) throws(UnexplainedRequest) -> RequestHead {
        let lines = ["POST \(endpoint.path) HTTP/1.1", "Host: gateway"] + source.headers
        let text = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
        let head = text.withUnsafeBytes { bytes in
            Result { () throws(MalformedRequest) in
                try GeneralRequestHead.read(bytes, limits: generation.limits.reader, generation.routes)
            }
        }
        do {
            return try head.get()
        } catch {
            throw UnexplainedRequest(
                .usage,
                "this is no request with that endpoint and these headers: \(error.reason)"
            )
        }
    }

    /// Who sends the request. It is nil for the master key.
    private func tenant(of source: RequestSource, _ head: RequestHead) throws(UnexplainedRequest) -> Tenant? {
        let hasKey = head.fields.authorization != nil || !head.fields.keys.isEmpty
        guard let name = source.keyName else {
            guard hasKey else { return nil }
            switch generation.admission.caller(head.fields) {
            case .success(let caller): return caller.tenant
            case .failure(let error): throw UnexplainedRequest(error)
            }
        }
        guard !hasKey else {
            throw UnexplainedRequest(.usage, "a key is named, and its headers have one too; give only one of them")
        }
        if name.utf8.elementsEqual(KeySettings.masterName.utf8) { return nil }
        guard let tenant = tenants.first(where: { $0.name.utf8.elementsEqual(name.utf8) }) else {
            let names = [KeySettings.masterName] + tenants.map(\.name)
            let hint = NearestName.nearest(to: name, among: names).map { "; did you mean '\($0)'?" } ?? ""
            throw UnexplainedRequest(.usage, "general_settings.keys has no key '\(name.quotable)'\(hint)")
        }
        return tenant
    }

    private func read(
        _ source: RequestSource,
        _ endpoint: RequestEndpoint,
        _ type: CallType,
        model: String?,
        _ tenant: Tenant?,
        _ fields: RequestFields
    ) throws(UnexplainedRequest) -> ExplainedRequest {
        let call = generation.routes[type]
        let document = JSONDocument()
        do throws(APIError) {
            let reader = InquiryReader(
                generation: generation,
                call: call,
                pathModel: model,
                tenant: tenant,
                tenantMaterials: nil,
                document: document,
                keys: try .forExplanation()
            )
            let inquiry = try reader.read(source.body, fields) {
                Inquiry(read: $0, group: $1, details: $2, use: $3, controls: $4, caching: $5)
            }
            return explained(source, endpoint, call, document: document, form: nil, inquiry, tenant, fields)
        } catch {
            throw UnexplainedRequest(error)
        }
    }

    private func readForm(
        _ source: RequestSource,
        _ endpoint: RequestEndpoint,
        _ type: CallType,
        model: String?,
        _ tenant: Tenant?,
        _ fields: RequestFields
    ) throws(UnexplainedRequest) -> ExplainedRequest {
        let call = generation.routes[type]
        guard let boundary = fields.contentType.flatMap({ MultipartForm.boundary(in: $0) }) else {
            throw UnexplainedRequest(
                .usage,
                "\(endpoint.path) takes a form; say how it is divided with "
                    + "--header 'Content-Type: multipart/form-data; boundary=…'"
            )
        }
        let reader = FormReader(generation: generation, call: call, pathModel: model, tenant: tenant)
        let inquiry: Inquiry?
        do throws(APIError) {
            inquiry = try reader.read(source.body, boundary, fields, try .forExplanation())
        } catch {
            throw UnexplainedRequest(error)
        }
        let form = source.body.withUnsafeReadableBytes { bytes in
            MultipartForm(bytes, boundary: boundary).flatMap {
                (try? $0.readRequest(bytes, call.request, pathModel: model)) ?? nil
            }
        }
        guard let inquiry, let form else {
            throw UnexplainedRequest(
                .neverCached,
                "it is no form that the gateway understands, so it is passed on without the cache"
            )
        }
        return explained(source, endpoint, call, document: nil, form: form, inquiry, tenant, fields)
    }

    private func explained(
        _ source: RequestSource,
        _ endpoint: RequestEndpoint,
        _ call: ServedCall,
        document: JSONDocument?,
        form: FormRequest?,
        _ inquiry: Inquiry,
        _ tenant: Tenant?,
        _ fields: RequestFields
    ) -> ExplainedRequest {
        ExplainedRequest(
            name: source.name,
            body: source.body,
            endpoint: endpoint,
            call: call,
            document: document,
            form: form,
            inquiry: inquiry,
            parts: generation.keyParts(
                for: tenant,
                callType: call.type,
                group: inquiry.group,
                clientNamespace: inquiry.controls.namespace,
                keyedValues: fields.keyedValues
            ),
            rule: generation.cacheRules?.rule(of: inquiry.group),
            uncached: generation.reasonAgainstCaching(inquiry, call)
        )
    }
}

extension CacheKeyBuilder {
    fileprivate static func forExplanation() throws(APIError) -> CacheKeyBuilder {
        do {
            return try CacheKeyBuilder()
        } catch {
            throw .internalFailure("\(error)")
        }
    }
}
