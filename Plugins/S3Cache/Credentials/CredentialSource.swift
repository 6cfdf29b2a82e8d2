import PluginKit

/// A source of keys in the AWS credential chain, which `CredentialFetch` queries.
enum CredentialSource: Equatable, Sendable {
    case keys(Credentials)
    /// The shared files of the AWS command line.
    case files(credentials: String, config: String, profile: String, isExplicit: Bool)
    /// A token in a file, exchanged at STS (IAM roles for service accounts).
    case webIdentity(tokenFile: String, role: String, session: String, endpoint: String)
    /// An endpoint for the container (ECS, EKS Pod Identity).
    case container(url: String, token: String?, tokenFile: String?)
    /// The instance's metadata service, version 2.
    case instance(endpoint: String)

    /// The sources to try, in the order of the SDKs.
    static func chain(_ variable: (ChainVariables) -> String?, region: String) -> [CredentialSource] {
        var sources: [CredentialSource] = []
        if let access = variable(.accessKey), let secret = variable(.secretKey) {
            let keys = AccessKeys(accessKey: access, secretKey: secret, sessionToken: variable(.sessionToken))
            sources.append(.keys(Credentials(keys: keys, expires: nil, origin: "the environment")))
        }
        if let file = variable(.webIdentityTokenFile), let role = variable(.roleARN) {
            sources.append(
                .webIdentity(
                    tokenFile: file,
                    role: role,
                    session: variable(.roleSessionName) ?? "gateway",
                    endpoint: variable(.stsEndpoint) ?? tokenService(region)
                )
            )
        }
        let home = variable(.home) ?? ""
        let profile = variable(.profile)
        sources.append(
            .files(
                credentials: variable(.credentialsFile) ?? home + "/.aws/credentials",
                config: variable(.configFile) ?? home + "/.aws/config",
                profile: profile ?? "default",
                isExplicit: profile != nil
            )
        )
        if let path = variable(.containerRelativeURI) {
            sources.append(container("http://169.254.170.2" + (path.hasPrefix("/") ? path : "/" + path), variable))
        } else if let url = variable(.containerFullURI) {
            sources.append(container(url, variable))
        }
        if variable(.metadataDisabled)?.lowercased() != "true" {
            var endpoint = variable(.metadataEndpoint) ?? "http://169.254.169.254"
            while endpoint.hasSuffix("/") { endpoint.removeLast() }
            sources.append(.instance(endpoint: endpoint))
        }
        return sources
    }

    /// The Security Token Service of a region.
    static func tokenService(_ region: String) -> String {
        "https://sts.\(region).amazonaws.com" + (region.hasPrefix("cn-") ? ".cn" : "")
    }

    private static func container(_ url: String, _ variable: (ChainVariables) -> String?) -> CredentialSource {
        .container(url: url, token: variable(.containerToken), tokenFile: variable(.containerTokenFile))
    }
}
