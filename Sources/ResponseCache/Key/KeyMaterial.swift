/// Everything besides the body that makes two requests different to the cache.
///
/// There are no defaults: whoever builds a key says what each of these is, and a field added here must be given everywhere.
public struct KeyMaterial: Sendable {
    /// Who asks, as the gateway itself knows it, never as the request says. No key of one tenant is ever another's.
    public let tenant: String
    /// `cache_params.namespace`.
    public let namespace: String?
    /// The `namespace` of the request's `cache` object, exactly as decoded.
    public let clientNamespace: String?
    /// What is called, in one spelling for the plain and the asynchronous name: `completion`, `embedding`, `text_completion`.
    public let callType: String
    /// The name of the model group that answers.
    public let modelGroup: String
    /// Says which deployments are behind that name, so that a name that is pointed elsewhere does not serve the old model.
    public let modelGroupFingerprint: [UInt8]
    /// The request headers that are sent on to the model, in one settled form; empty if there are none.
    public let forwardedHeaders: [UInt8]

    public init(
        tenant: String,
        namespace: String?,
        clientNamespace: String?,
        callType: String,
        modelGroup: String,
        modelGroupFingerprint: [UInt8],
        forwardedHeaders: [UInt8]
    ) {
        self.tenant = tenant
        self.namespace = namespace
        self.clientNamespace = clientNamespace
        self.callType = callType
        self.modelGroup = modelGroup
        self.modelGroupFingerprint = modelGroupFingerprint
        self.forwardedHeaders = forwardedHeaders
    }
}

extension KeyMaterial {
    /// Appends the fields, each behind its length, so that no byte can move from one to the next unnoticed.
    func append(to out: inout Scratch<UInt8>) {
        KeyMaterial.append(tenant, to: &out)
        KeyMaterial.append(optional: namespace, to: &out)
        KeyMaterial.append(optional: clientNamespace, to: &out)
        KeyMaterial.append(callType, to: &out)
        KeyMaterial.append(modelGroup, to: &out)
        KeyMaterial.append(modelGroupFingerprint, to: &out)
        KeyMaterial.append(forwardedHeaders, to: &out)
    }

    private static func append(_ field: String, to out: inout Scratch<UInt8>) {
        // A no-op for every string but one that came from Objective-C, which there is none of.
        var field = field
        field.withUTF8 { bytes in
            out.append(integer: UInt64(bytes.count))
            out.append(UnsafeRawBufferPointer(bytes))
        }
    }

    /// A field that may be absent; absent and empty are two things.
    private static func append(optional field: String?, to out: inout Scratch<UInt8>) {
        out.append(field == nil ? 0 : 1)
        append(field ?? "", to: &out)
    }

    private static func append(_ field: [UInt8], to out: inout Scratch<UInt8>) {
        out.append(integer: UInt64(field.count))
        field.withUnsafeBytes { out.append($0) }
    }
}
