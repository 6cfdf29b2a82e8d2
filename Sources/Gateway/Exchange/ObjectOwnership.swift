import Configuration
import NIOCore
import ResponseCache
import Text

extension Worker {
    /// How long the cache knows to which tenant an object belongs that a provider keeps, in milliseconds: 30 days.
    private static let ownershipTime: UInt64 = 30 * 86_400_000

    /// Makes the note of what a request of a client makes at a provider.
    ///
    /// - Parameters:
    ///   - model: the name of the model that is requested.
    ///   - entry: the key under which the answer may be stored.
    ///   - tenant: the client's. It is nil for the master key.
    func originNote(model: String, entry: CacheKey? = nil, tenant: Tenant?) -> OriginNote {
        let ids = generation.resources.issuedIDs
        guard let tenant, !tenant.isShared else {
            return OriginNote(in: ids, model: model, entry: entry, tenant: KeySettings.masterName)
        }
        // Nobody else may reach it, so that other gateways, and this one after a restart, have to know whose it is.
        return OriginNote(in: ids, model: model, entry: entry, tenant: tenant.name) { [self] id, origin in
            keep(origin, of: id)
        }
    }

    /// Notes in the cache where an object was made and to which tenant it belongs.
    func keep(_ origin: IssuedIDs.Origin, of object: [UInt8]) {
        guard let cache, let key = try? loop.keys.key(ofObject: object, namespace: generation.namespace) else { return }
        var controls = CacheControls()
        controls.timeToLive = Self.ownershipTime
        let record = CacheableAnswer(
            check: nil,
            status: 200,
            contentType: "application/json",
            longestLife: nil,
            body: [OriginRecord.body(origin)],
            facts: CallFacts.none
        )
        _ = cache.store(record, under: key, use: .storeOnly, controls: controls, at: instant())
    }

    /// Returns to which tenant an object belongs, where this process knows it.
    func owner(of object: some Collection<UInt8>) -> String? {
        generation.resources.issuedIDs.origin(of: object)?.tenant
    }

    /// Asks the cache for objects that this process does not know, one after another, and then calls `goOn`, unless the
    /// client has left.
    func lookUp(origins objects: [[UInt8]], for connection: Connection, _ goOn: @escaping () -> Void) {
        guard let object = objects.first(where: { owner(of: $0) == nil }) else { return goOn() }
        let rest = Array(objects.drop { $0 != object }.dropFirst())
        OriginLookup(worker: self, connection: connection, object: object).begin { [self] in
            lookUp(origins: rest, for: connection, goOn)
        }
    }
}

extension APIError {
    /// 404: a path names what is not known to be the client's.
    static let hiddenObject = APIError(
        status: 404,
        message: "Nothing that the path names is known to belong to the API key's tenant.",
        type: "invalid_request_error",
        parameter: nil,
        code: "not_found"
    )

    /// 403: a path lists what a provider keeps for all tenants.
    static func listsAllTenants(path: String) -> APIError {
        let path = String(decoding: path.utf8.prefix { $0 != UInt8(ascii: "?") }, as: UTF8.self).quotable
        return APIError(
            status: 403,
            message:
                "/v1\(path) lists what the provider keeps for all tenants, which is for the master key and for keys that "
                + "share its cache.",
            type: "invalid_request_error",
            parameter: nil,
            code: "insufficient_permissions"
        )
    }

    /// 400, as OpenAI answers: the response or the conversation that is continued is not known to be the client's.
    static func unknownPrevious(_ object: [UInt8]) -> APIError {
        let isConversation = object.starts(with: "conv".utf8)
        let (word, member) =
            isConversation ? ("Conversation", "conversation") : ("Previous response", "previous_response_id")
        return APIError(
            status: 400,
            message: "\(word) with id '\(String(decoding: object, as: UTF8.self).quotable)' not found.",
            type: "invalid_request_error",
            parameter: member,
            code: isConversation ? "conversation_not_found" : "previous_response_not_found"
        )
    }
}
