import Configuration
import JSON
import NIOCore
import ResponseCache

/// What gateways that share a backend tell each other, and themselves after a restart, of an object that a provider
/// keeps: where it was made and for which tenant, and which entry holds it. It is an entry of its own, as an object of JSON.
enum OriginRecord {
    /// The largest record that is read, in bytes.
    private static let longest = 4096

    static func body(_ origin: IssuedIDs.Origin) -> ByteBuffer {
        let text = JSONWriter.object { record in
            record.member("model", origin.model)
            record.member("account", origin.account)
            record.member("entry", origin.entry?.description)
            if origin.tenant != KeySettings.masterName { record.member("tenant", origin.tenant) }
        }
        return ByteBuffer(string: text)
    }

    /// Reads a record. It is nil where the entry is none.
    static func read(_ body: ByteBuffer) -> IssuedIDs.Origin? {
        guard body.readableBytes <= longest else { return nil }
        let document = JSONDocument()
        do throws(JSONError) {
            try document.parse(body, nodeLimit: 16)
        } catch {
            return nil
        }
        guard let root = document.root,
            let model = document.member("model", of: root).flatMap({ document.string($0) }),
            let account = document.member("account", of: root).flatMap({ document.string($0) })
        else { return nil }
        let entry = document.member("entry", of: root).flatMap { document.string($0) }
        // Records of the master key's tenant lack the member.
        let tenant = document.member("tenant", of: root).map { document.string($0) ?? "" }
        return IssuedIDs.Origin(
            model: model,
            account: account,
            tenant: tenant ?? KeySettings.masterName,
            entry: entry.flatMap { CacheKey(text: $0) }
        )
    }
}
