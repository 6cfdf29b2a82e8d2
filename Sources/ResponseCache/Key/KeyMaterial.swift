/// Everything besides the body that makes two requests different to the cache, as it goes into the digest.
///
/// It is made once for all requests that have it in common. There are no defaults: whoever makes it says what each part is, and a
/// part added here must be given everywhere.
public struct KeyMaterial: Sendable {
    /// The parts, each behind its length, so that no byte can move from one to the next unnoticed.
    let bytes: [UInt8]
    /// What stands before the digest in a key's text.
    let prefix: String

    /// - Parameters:
    ///   - tenant: who asks, as the gateway itself knows it, never as the request says. No key of one tenant is ever another's.
    ///   - namespace: `cache_params.namespace`.
    ///   - clientNamespace: the `namespace` of the request's `cache` object, exactly as decoded.
    ///   - callType: what is called, in one spelling for the plain and the asynchronous name: `completion`, `embedding`,
    ///     `text_completion`.
    ///   - modelGroup: the name of the model group that answers.
    ///   - modelGroupFingerprint: says which deployments are behind that name, so that a name that is pointed elsewhere does not
    ///     serve the old model.
    ///   - forwardedHeaders: the request headers that are sent on to the model, in one settled form; empty if there are none.
    public init(
        tenant: String,
        namespace: String?,
        clientNamespace: String?,
        callType: String,
        modelGroup: String,
        modelGroupFingerprint: [UInt8],
        forwardedHeaders: [UInt8]
    ) {
        var encoder = Encoder()
        encoder.append(tenant.utf8)
        encoder.append(optional: namespace)
        encoder.append(optional: clientNamespace)
        encoder.append(callType.utf8)
        encoder.append(modelGroup.utf8)
        encoder.append(modelGroupFingerprint)
        encoder.append(forwardedHeaders)
        bytes = encoder.bytes
        prefix = CacheKey.prefix(namespace: namespace, clientNamespace: clientNamespace)
    }

    private struct Encoder {
        var bytes: [UInt8] = []

        mutating func append(_ part: some Collection<UInt8>) {
            withUnsafeBytes(of: UInt64(part.count).littleEndian) { bytes += $0 }
            bytes += part
        }

        /// A part that may be absent; absent and empty are two things.
        mutating func append(optional part: String?) {
            bytes.append(part == nil ? 0 : 1)
            append((part ?? "").utf8)
        }
    }
}
