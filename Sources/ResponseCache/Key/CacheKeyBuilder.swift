/// Computes cache keys, with memory that it keeps from one to the next. One event loop's; not `Sendable`.
///
/// Of the memory that a huge body needed, 1 MiB is kept.
public final class CacheKeyBuilder {
    /// The version of everything that goes into a digest. Raised whenever that changes, so that old entries are not found.
    static let formatVersion: UInt64 = 1

    /// Bytes above which a body's canonical form gets its memory at once.
    private static let largeBody = 64 * 1024

    private let hash: SHA256
    private var encoder = CanonicalEncoder()
    private var scratch = Scratch<UInt8>(initial: 4096, kept: 1 << 20)

    public init() throws(SHA256Failure) {
        hash = try SHA256()
    }

    /// The key of a request that has one answer: the whole body counts, but for what concerns the delivery alone.
    ///
    /// - Parameter body: a body that has been parsed; without one, the key is that of an empty body.
    public func key(for material: KeyMaterial, body: JSONDocument) throws(SHA256Failure) -> CacheKey {
        defer { scratch.reset() }
        let digest = try digest(of: material, body, omitting: .delivery, domain: .request)
        return CacheKey(prefix: material.prefix, digest: digest)
    }

    /// What the keys of all inputs of one embedding request have in common: everything but the input.
    public func embeddingKeys(for material: KeyMaterial, body: JSONDocument) throws(SHA256Failure) -> EmbeddingKeys {
        defer { scratch.reset() }
        let digest = try digest(of: material, body, omitting: .deliveryAndInput, domain: .embedding)
        return EmbeddingKeys(prefix: material.prefix, common: digest)
    }

    /// The key of one input of an embedding request. It takes time in proportion to that input, not to the body.
    public func key(of input: JSONNode, in body: JSONDocument, under keys: EmbeddingKeys) throws(SHA256Failure)
        -> CacheKey
    {
        defer { scratch.reset() }
        begin(.input)
        keys.common.withUnsafeBytes { scratch.append($0) }
        append(input, of: body, omitting: .none)
        return CacheKey(prefix: keys.prefix, digest: try hash.digest(scratch.bytes))
    }

    /// What a digest is of; no two kinds of digest are over the same bytes.
    private enum Domain: UInt8 {
        case request = 0x52
        case embedding = 0x45
        case input = 0x49
    }

    private func digest(
        of material: KeyMaterial,
        _ body: JSONDocument,
        omitting omitted: OmittedMembers,
        domain: Domain
    ) throws(SHA256Failure) -> SHA256Digest {
        begin(domain)
        // A large body would be copied once more for each time that the memory is doubled.
        if body.byteCount > Self.largeBody { scratch.reserve(body.byteCount + body.byteCount / 8) }
        material.bytes.withUnsafeBytes { scratch.append($0) }
        if let root = body.root { append(root, of: body, omitting: omitted) }
        return try hash.digest(scratch.bytes)
    }

    private func begin(_ domain: Domain) {
        scratch.append(domain.rawValue)
        scratch.append(integer: CacheKeyBuilder.formatVersion)
    }

    /// Appends a value in canonical form, behind its length.
    private func append(_ node: JSONNode, of body: JSONDocument, omitting omitted: OmittedMembers) {
        guard body.tapeNode(node) != nil else { return }
        let start = scratch.count
        scratch.append(integer: 0)
        body.withTape { nodes, bytes in
            encoder.encode(node.index, omitting: omitted, of: nodes, bytes, to: &scratch)
        }
        scratch.patch(integer: UInt64(scratch.count - start - 8), at: start)
    }
}

/// What the keys of all inputs of one embedding request have in common.
public struct EmbeddingKeys: Sendable {
    fileprivate let prefix: String
    fileprivate let common: SHA256Digest
}
