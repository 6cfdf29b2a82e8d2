import Configuration
import Text

/// Finds out who sends a request, from the keys in its head.
///
/// The fields are asked in this order: x-litellm-api-key, Authorization, x-api-key, api-key. The first key that admits
/// anybody counts, since some clients send several, of which one may be meant for somebody else. Only x-litellm-api-key
/// is for the gateway in any case, and counts alone where it is sent.
struct Identification: Sendable {
    private let masterKey: [UInt8]?
    private let keys: ClientKeys
    /// The time in seconds since 1970.
    private let clock: @Sendable () -> Int64

    init(masterKey: String?, keys: ClientKeys, clock: @escaping @Sendable () -> Int64) {
        self.masterKey = masterKey.map { Array($0.utf8) }
        self.keys = keys
        self.clock = clock
    }

    /// Whether every request is admitted, because there is no key.
    var isOpen: Bool { masterKey == nil && keys.isEmpty }

    /// Whether the request has the master key where nearly all have it, in Authorization.
    func isPlainlyMaster(_ fields: RequestFields) -> Bool {
        guard let masterKey, let authorization = fields.authorization, fields.keys.first?.field != .litellm,
            let bearer = Self.bearer(authorization)
        else { return false }
        return Self.isEqual(bearer, masterKey)
    }

    /// Returns who sends the request, or the error that it is answered with.
    func caller(_ fields: RequestFields) -> Result<Transaction.Caller, APIError> {
        if let litellm = fields.keys.first, litellm.field == .litellm {
            let bytes = litellm.bytes
            return caller(Self.bearer(bytes) ?? bytes[...]) ?? .failure(.unauthorized(unknownKey))
        }
        let bearer = fields.authorization.flatMap { Self.bearer($0) }
        // An expired key in one field says nothing about the next one.
        var refusal: APIError?
        if let bearer {
            switch caller(bearer) {
            case .success(let caller): return .success(caller)
            case .failure(let error): refusal = error
            case nil: break
            }
        }
        for key in fields.keys {
            switch caller(key.bytes[...]) {
            case .success(let caller): return .success(caller)
            case .failure(let error): refusal = refusal ?? error
            case nil: break
            }
        }
        if let refusal { return .failure(refusal) }
        if fields.authorization != nil, bearer == nil {
            return .failure(.unauthorized("the Authorization header must be 'Bearer <key>'."))
        }
        if bearer != nil || !fields.keys.isEmpty { return .failure(.unauthorized(unknownKey)) }
        return .failure(.unauthorized("no API key was given; send 'Authorization: Bearer <key>'."))
    }

    private var unknownKey: String {
        keys.isEmpty ? "the API key is not the gateway's master key." : "the gateway does not know the API key."
    }

    /// Returns whose key it is, or why it admits nobody. It is nil where it is nobody's.
    private func caller(_ key: ArraySlice<UInt8>) -> Result<Transaction.Caller, APIError>? {
        if let masterKey, Self.isEqual(key, masterKey) { return .success(.master) }
        guard let tenant = keys.tenant(of: key) else { return nil }
        if let expiry = tenant.expiry, clock() >= expiry.unixSeconds {
            return .failure(.expiredKey(of: tenant.name, at: expiry.text))
        }
        return .success(.tenant(tenant))
    }

    /// The token of a Bearer credential (RFC 6750 section 2.1).
    private static func bearer(_ authorization: [UInt8]) -> ArraySlice<UInt8>? {
        let isBearer = authorization.withUnsafeBytes { $0.count > 7 && $0.equalsIgnoringCase(0..<7, "bearer ") }
        return isBearer ? authorization[7...].drop { $0 == UInt8(ascii: " ") } : nil
    }

    /// Compares in a time that depends only on the length of what the client sent.
    static func isEqual(_ given: some Collection<UInt8>, _ key: [UInt8]) -> Bool {
        guard !key.isEmpty else { return false }
        var difference = given.count ^ key.count
        var index = 0
        for byte in given {
            difference |= Int(byte ^ key[index % key.count])
            index += 1
        }
        return difference == 0
    }
}
