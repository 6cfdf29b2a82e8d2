import PluginKit

/// Reads the answers of the services that hand out temporary credentials.
enum CredentialAnswers {
    /// Of a container's endpoint and of the instance's metadata service.
    static func json(_ body: UnsafeRawBufferPointer, origin: String) -> Credentials? {
        guard let answer = JSONValue(parsing: String(decoding: body, as: UTF8.self)),
            let access = answer["AccessKeyId"]?.string, let secret = answer["SecretAccessKey"]?.string,
            !access.isEmpty, !secret.isEmpty
        else { return nil }
        return Credentials(
            keys: Credentials.Keys(accessKey: access, secretKey: secret, sessionToken: answer["Token"]?.string),
            expires: answer["Expiration"]?.string.flatMap { CalendarTime(iso8601: $0)?.unix },
            origin: origin
        )
    }

    /// Of STS: `<AssumeRoleWithWebIdentityResult><Credentials>…`.
    static func xml(_ body: UnsafeRawBufferPointer, origin: String) -> Credentials? {
        guard let element = XMLElement(parsing: body)?.first("Credentials"), let access = element["AccessKeyId"],
            let secret = element["SecretAccessKey"], !access.isEmpty, !secret.isEmpty
        else { return nil }
        return Credentials(
            keys: Credentials.Keys(accessKey: access, secretKey: secret, sessionToken: element["SessionToken"]),
            expires: element["Expiration"].flatMap { CalendarTime(iso8601: $0)?.unix },
            origin: origin
        )
    }
}
