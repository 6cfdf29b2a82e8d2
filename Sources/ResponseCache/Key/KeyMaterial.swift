/// Everything besides the body that distinguishes two requests for the cache, as it goes into the digest.
///
/// It is made once for all requests that share it. There are no defaults: the caller states each part, and a part that
/// is added here must be given everywhere.
public struct KeyMaterial: Sendable {
    /// The digest of all parts. A key covers this digest and not the parts, so that it costs the same however many
    /// there are.
    let digest: SHA256Digest
    /// The text before the digest in a key.
    let prefix: String

    /// - Parameters:
    ///   - tenant: who sends the request, as the gateway itself determines it, never as the request claims. No two
    ///     tenants share a key.
    ///   - namespace: `cache_params.namespace`.
    ///   - clientNamespace: the `namespace` of the request's `cache` object, exactly as decoded.
    ///   - callType: the call in one spelling for the plain and the asynchronous name: `completion`, `embedding`,
    ///     `text_completion`.
    ///   - modelGroup: the name of the model group that answers.
    ///   - modelGroupFingerprint: identifies the deployments of that group, so that a name that is pointed elsewhere
    ///     does not serve answers of the old model.
    ///   - keyedValues: the values of the headers that change the answer (`keyedHeaders`), in one normalised form. It
    ///     is empty if there are none.
    public init(
        tenant: String,
        namespace: String?,
        clientNamespace: String?,
        callType: String,
        modelGroup: String,
        modelGroupFingerprint: [UInt8],
        keyedValues: [UInt8]
    ) throws(SHA256Failure) {
        let parts = Self.encode(
            tenant: tenant,
            namespace: namespace,
            clientNamespace: clientNamespace,
            callType: callType,
            modelGroup: modelGroup,
            modelGroupFingerprint: modelGroupFingerprint,
            keyedValues: keyedValues
        )
        let hash = try SHA256()
        digest = try parts.withUnsafeBytes { bytes in
            Result { () throws(SHA256Failure) in try hash.digest(bytes) }
        }.get()
        prefix = CacheKey.prefix(namespace: namespace, clientNamespace: clientNamespace)
    }

    /// The parts, each preceded by its length, so that no byte can move from one part to the next undetected.
    static func encode(
        tenant: String,
        namespace: String?,
        clientNamespace: String?,
        callType: String,
        modelGroup: String,
        modelGroupFingerprint: [UInt8],
        keyedValues: [UInt8]
    ) -> [UInt8] {
        var encoder = Encoder()
        encoder.append(tenant.utf8)
        encoder.append(optional: namespace)
        encoder.append(optional: clientNamespace)
        encoder.append(callType.utf8)
        encoder.append(modelGroup.utf8)
        encoder.append(modelGroupFingerprint)
        encoder.append(keyedValues)
        return encoder.bytes
    }

    private struct Encoder {
        var bytes: [UInt8] = []

        mutating func append(_ part: some Collection<UInt8>) {
            withUnsafeBytes(of: UInt64(part.count).littleEndian) { bytes += $0 }
            bytes += part
        }

        /// Appends an optional part. An absent part differs from an empty one.
        mutating func append(optional part: String?) {
            bytes.append(part == nil ? 0 : 1)
            append((part ?? "").utf8)
        }
    }
}
