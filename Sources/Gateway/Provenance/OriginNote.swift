import NIOCore
import ResponseCache

/// Notes which deployment made the object that an answer describes, as the answer goes by. It is bound to the event
/// loop of the answer. It is a class, so that an answer that describes none carries only an empty reference.
final class OriginNote {
    private let ids: IssuedIDs
    private let model: String
    private let entry: CacheKey?
    private let tenant: String
    private let whenSeen: ((_ id: [UInt8], IssuedIDs.Origin) -> Void)?
    private var sighting = IDSighting()
    /// The object's id and its origin, once the id has been seen.
    private(set) var seen: (id: [UInt8], origin: IssuedIDs.Origin)?

    /// - Parameters:
    ///   - model: the name of the model that was requested.
    ///   - entry: the key under which the answer may be stored.
    ///   - tenant: the tenant whose request it is, as it is part of the keys of its cached answers.
    ///   - whenSeen: is told of the object, once.
    init(
        in ids: IssuedIDs,
        model: String,
        entry: CacheKey? = nil,
        tenant: String,
        whenSeen: ((_ id: [UInt8], IssuedIDs.Origin) -> Void)? = nil
    ) {
        self.tenant = tenant
        self.whenSeen = whenSeen
        self.ids = ids
        self.model = model
        self.entry = entry
    }

    /// Takes the next bytes of a successful answer from an account.
    func take(_ bytes: ByteBuffer, of account: String?) {
        guard let account, let id = sighting.take(bytes) else { return }
        let origin = IssuedIDs.Origin(model: model, account: account, tenant: tenant, entry: entry)
        seen = (id, origin)
        if ids.note(id, origin) { whenSeen?(id, origin) }
    }
}
