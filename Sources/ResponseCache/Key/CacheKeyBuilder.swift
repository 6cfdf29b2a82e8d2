public import JSON

/// Computes cache keys, with memory that is reused. It is used by one thread at a time, and is not
/// `Sendable`.
///
/// At most 1 MiB of the memory that a huge body needed is kept.
public final class CacheKeyBuilder {
    /// The version of everything that goes into a digest. It is raised whenever that changes, so that old entries are
    /// not found.
    static let formatVersion: UInt8 = 2

    private let hash: SHA256
    private let writer = CanonicalWriter()

    public init() throws(SHA256Failure) {
        hash = try SHA256()
    }

    /// The key of a request that has one answer. It covers the whole body except the members that are left out.
    ///
    /// - Parameter body: a body that has been parsed; without one, the key is that of an empty body.
    public func key(for material: KeyMaterial, body: JSONDocument) throws(SHA256Failure) -> CacheKey {
        defer { writer.reset() }
        let digest = try digest(of: material, body, domain: .request)
        return CacheKey(prefix: material.prefix, digest: digest)
    }

    /// The key of a request for which the client has named its own. It covers that name in place of the body, and the
    /// rest of what other keys cover.
    public func key(for material: KeyMaterial, name: JSONNode, in body: JSONDocument) throws(SHA256Failure) -> CacheKey
    {
        defer { writer.reset() }
        begin(.named)
        material.digest.withUnsafeBytes { writer.append($0) }
        writer.append(name, of: body)
        return CacheKey(prefix: material.prefix, digest: try hash.digest(writer.bytes))
    }

    /// The same, where the name is not part of JSON.
    public func key(for material: KeyMaterial, name: some Collection<UInt8>) throws(SHA256Failure) -> CacheKey {
        defer { writer.reset() }
        begin(.named)
        material.digest.withUnsafeBytes { writer.append($0) }
        append(lengthOf: name)
        return CacheKey(prefix: material.prefix, digest: try hash.digest(writer.bytes))
    }

    /// The key of a request that is a form. It covers the parts in their order, each as its labels and its content, which
    /// are ranges of the body. The contents are not copied.
    public func key(
        for material: KeyMaterial,
        form parts: [(labels: [Range<Int>], content: Range<Int>)],
        of body: UnsafeRawBufferPointer
    ) throws(SHA256Failure) -> CacheKey {
        defer { writer.reset() }
        begin(.form)
        material.digest.withUnsafeBytes { writer.append($0) }
        for (labels, content) in parts {
            append(UInt64(labels.count))
            for label in labels { append(lengthOf: body[label.clamped(to: 0..<body.count)]) }
            let content = UnsafeRawBufferPointer(rebasing: body[content.clamped(to: 0..<body.count)])
            try hash.digest(content).withUnsafeBytes { writer.append($0) }
        }
        return CacheKey(prefix: material.prefix, digest: try hash.digest(writer.bytes))
    }

    /// The key of what is known of an object that a provider keeps.
    ///
    /// - Parameters:
    ///   - object: the object's id at its provider.
    ///   - namespace: the configured namespace.
    public func key(ofObject object: some Collection<UInt8>, namespace: String?) throws(SHA256Failure) -> CacheKey {
        defer { writer.reset() }
        begin(.object)
        append(lengthOf: Array((namespace ?? "").utf8))
        append(lengthOf: object)
        let prefix = CacheKey.prefix(namespace: namespace, clientNamespace: nil)
        return CacheKey(prefix: prefix, digest: try hash.digest(writer.bytes))
    }

    /// The key of the record in which gateways tell each other what was purged.
    ///
    /// - Parameter namespace: the configured namespace.
    public func key(ofPurgesIn namespace: String?) throws(SHA256Failure) -> CacheKey {
        defer { writer.reset() }
        begin(.purges)
        append(lengthOf: Array((namespace ?? "").utf8))
        let prefix = CacheKey.prefix(namespace: namespace, clientNamespace: nil)
        return CacheKey(prefix: prefix, digest: try hash.digest(writer.bytes))
    }

    /// Appends bytes behind their number.
    private func append(lengthOf bytes: some Collection<UInt8>) {
        append(UInt64(bytes.count))
        for byte in bytes { writer.append(byte: byte) }
    }

    private func append(_ number: UInt64) {
        withUnsafeBytes(of: number.littleEndian) { writer.append($0) }
    }

    /// The common part of the keys of all inputs of one embedding request: everything except the inputs.
    ///
    /// - Parameter inputs: the value of the member that has the inputs. The body leaves that member out from now on.
    public func embeddingKeys(
        for material: KeyMaterial,
        body: JSONDocument,
        apartFrom inputs: JSONNode
    ) throws(SHA256Failure) -> EmbeddingKeys {
        defer { writer.reset() }
        body.leaveOut(memberWithValue: inputs)
        let digest = try digest(of: material, body, domain: .embedding)
        return EmbeddingKeys(prefix: material.prefix, common: digest)
    }

    /// The key of one input of an embedding request. It takes time in proportion to that input, not to the body.
    public func key(of input: JSONNode, in body: JSONDocument, under keys: EmbeddingKeys) throws(SHA256Failure)
        -> CacheKey
    {
        defer { writer.reset() }
        begin(.input)
        keys.common.withUnsafeBytes { writer.append($0) }
        writer.append(input, of: body)
        return CacheKey(prefix: keys.prefix, digest: try hash.digest(writer.bytes))
    }

    /// What a digest covers. No two kinds of digest cover the same bytes.
    private enum Domain: UInt8 {
        case request = 0x52
        case embedding = 0x45
        case input = 0x49
        case named = 0x4E
        case form = 0x46
        case object = 0x4F
        case purges = 0x50
    }

    private func digest(
        of material: KeyMaterial,
        _ body: JSONDocument,
        domain: Domain
    ) throws(SHA256Failure) -> SHA256Digest {
        begin(domain)
        writer.reserve(for: body)
        material.digest.withUnsafeBytes { writer.append($0) }
        if let root = body.root { writer.append(root, of: body) }
        return try hash.digest(writer.bytes)
    }

    private func begin(_ domain: Domain) {
        writer.append(byte: domain.rawValue)
        writer.append(byte: CacheKeyBuilder.formatVersion)
    }
}

/// The common part of the keys of all inputs of one embedding request.
public struct EmbeddingKeys: Sendable {
    fileprivate let prefix: String
    fileprivate let common: SHA256Digest
}
