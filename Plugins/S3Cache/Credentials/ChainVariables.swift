import PluginKit

/// The environment variables of the AWS credential chain. A plugin reads the environment only through its parameters
/// (rule P-5), so each variable is a hidden parameter with the SDKs' own name for it.
enum ChainVariables: String, CaseIterable {
    case accessKey = "AWS_ACCESS_KEY_ID"
    case secretKey = "AWS_SECRET_ACCESS_KEY"
    case sessionToken = "AWS_SESSION_TOKEN"
    case region = "AWS_REGION"
    case defaultRegion = "AWS_DEFAULT_REGION"
    case profile = "AWS_PROFILE"
    case credentialsFile = "AWS_SHARED_CREDENTIALS_FILE"
    case configFile = "AWS_CONFIG_FILE"
    case roleARN = "AWS_ROLE_ARN"
    case roleSessionName = "AWS_ROLE_SESSION_NAME"
    case webIdentityTokenFile = "AWS_WEB_IDENTITY_TOKEN_FILE"
    case stsEndpoint = "AWS_ENDPOINT_URL_STS"
    case containerRelativeURI = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
    case containerFullURI = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
    case containerToken = "AWS_CONTAINER_AUTHORIZATION_TOKEN"
    case containerTokenFile = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"
    case metadataDisabled = "AWS_EC2_METADATA_DISABLED"
    case metadataEndpoint = "AWS_EC2_METADATA_SERVICE_ENDPOINT"
    case home = "HOME"

    var parameter: String { rawValue.lowercased() }

    private var isSecret: Bool {
        switch self {
        case .accessKey, .secretKey, .sessionToken, .containerToken: true
        default: false
        }
    }

    static let parameters = allCases.map { variable in
        Parameter(
            variable.parameter,
            .string,
            "part of the AWS credential chain",
            environment: variable.rawValue,
            traits: variable.isSecret ? [.hidden, .secret] : .hidden
        )
    }
}
