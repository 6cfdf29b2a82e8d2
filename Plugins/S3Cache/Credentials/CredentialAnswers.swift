import PluginKit

/// Parses the answers of the services that issue temporary credentials.
enum CredentialAnswers {
    /// Reads an answer of a container's endpoint or of the instance's metadata service.
    static func json(_ body: UnsafeRawBufferPointer, origin: String) -> Credentials? {
        guard let answer = JSONValue(parsing: String(decoding: body, as: UTF8.self)),
            let keys = keys(
                answer["AccessKeyId"]?.string,
                answer["SecretAccessKey"]?.string,
                answer["Token"]?.string
            )
        else { return nil }
        return Credentials(
            keys: keys,
            expires: answer["Expiration"]?.string.flatMap { CalendarTime(iso8601: $0)?.unix },
            origin: origin
        )
    }

    /// Reads an answer of STS: `<AssumeRoleWithWebIdentityResult><Credentials>…`.
    static func xml(_ body: UnsafeRawBufferPointer, origin: String) -> Credentials? {
        guard let element = XMLElement(parsing: body)?.first("Credentials"),
            let keys = keys(element["AccessKeyId"], element["SecretAccessKey"], element["SessionToken"])
        else { return nil }
        return Credentials(
            keys: keys,
            expires: element["Expiration"].flatMap { CalendarTime(iso8601: $0)?.unix },
            origin: origin
        )
    }

    /// The keys. It is nil where one is missing, or is not valid in a header.
    private static func keys(_ access: String?, _ secret: String?, _ token: String?) -> AccessKeys? {
        guard let access, let secret, isVisible(access), isVisible(secret), token.map(isVisible) ?? true else {
            return nil
        }
        return AccessKeys(accessKey: access, secretKey: secret, sessionToken: token)
    }

    private static func isVisible(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }
}
