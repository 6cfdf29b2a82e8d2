import PluginKit

extension S3Settings {
    init(_ parameters: Parameters) throws(PluginFailure) {
        guard let bucket = try parameters.text("s3_bucket_name") else {
            throw PluginFailure(.badConfiguration, "'s3_bucket_name' is missing: name the bucket")
        }
        try BucketName.check(bucket)
        self.bucket = bucket
        var variables: [ChainVariables: String] = [:]
        for variable in ChainVariables.allCases { variables[variable] = try parameters.text(variable.parameter) }
        let given = try parameters.text("s3_region_name") ?? variables[.region] ?? variables[.defaultRegion]
        region = given ?? "us-east-1"
        isRegionGiven = given != nil
        if !Self.isRegion(region) {
            throw PluginFailure(.badConfiguration, "'s3_region_name': '\(region)' is no region, such as us-east-1")
        }
        layout = ObjectLayout(path: try parameters.text("s3_path"))
        if layout.folder.utf8.count > 512 {
            throw PluginFailure(.badConfiguration, "'s3_path' is longer than 512 bytes: keys would be too long for S3")
        }
        usesTLS = try parameters.bool("s3_use_ssl") ?? true
        if let url = try parameters.text("s3_endpoint_url") {
            guard let endpoint = S3Endpoint(url, defaultTLS: usesTLS) else {
                throw PluginFailure(
                    .badConfiguration,
                    "'s3_endpoint_url' must be a URL such as https://s3.example.com, without user, query or fragment"
                )
            }
            self.endpoint = endpoint
            usesTLS = endpoint.usesTLS
        } else if !Self.isRegionOfAWS(region) {
            throw PluginFailure(
                .badConfiguration,
                "'s3_region_name': '\(region)' is no region of AWS, such as us-east-1"
            )
        }
        switch try parameters.text("s3_verify") ?? "true" {
        case let word where ["true", "yes", "1", "on"].contains(word.lowercased()): verification = .system
        case let word where ["false", "no", "0", "off"].contains(word.lowercased()): verification = .none
        case let file: verification = .file(file)
        }
        let access = try parameters.text("s3_aws_access_key_id")
        let secret = try parameters.text("s3_aws_secret_access_key")
        let token = try parameters.text("s3_aws_session_token")
        switch (access, secret) {
        case (let access?, let secret?):
            keys = AccessKeys(accessKey: access, secretKey: secret, sessionToken: token)
        case (nil, nil):
            if token != nil { throw Self.halfGiven("s3_aws_session_token", "s3_aws_access_key_id") }
        case (_?, nil): throw Self.halfGiven("s3_aws_access_key_id", "s3_aws_secret_access_key")
        case (nil, _?): throw Self.halfGiven("s3_aws_secret_access_key", "s3_aws_access_key_id")
        }
        chain = CredentialSource.chain({ variables[$0] }, region: region)
        tokenService = variables[.stsEndpoint]
        if let json = try parameters.json("s3_config") { try readConfig(json) }
    }

    private static func halfGiven(_ one: String, _ other: String) -> PluginFailure {
        PluginFailure(
            .badConfiguration,
            "'\(one)' needs '\(other)' beside it; give both, or neither to use the AWS chain"
        )
    }

    private mutating func readConfig(_ json: String) throws(PluginFailure) {
        var config = JSONValue(parsing: json)
        // A single text may hold the whole value, as in an environment variable.
        if let text = config?.string { config = JSONValue(parsing: text) }
        guard case .object(let members)? = config else {
            throw PluginFailure(
                .badConfiguration,
                "'s3_config' must be a mapping, such as {s3: {addressing_style: path}}"
            )
        }
        for member in members {
            switch (member.name, member.value) {
            case ("s3", .object(let inner)):
                for setting in inner {
                    guard setting.name == "addressing_style" else {
                        ignoredSettings.append("s3.\(setting.name)")
                        continue
                    }
                    guard let style = setting.value.string.flatMap(AddressingStyle.init) else {
                        throw Self.wrong("s3.addressing_style", "auto, path or virtual")
                    }
                    addressing = style
                }
            case ("connect_timeout", let value): connectTimeout = try Self.milliseconds(member.name, value)
            case ("read_timeout", let value): readTimeout = try Self.milliseconds(member.name, value)
            case ("max_pool_connections", let value):
                guard let count = value.integer, (1...1000).contains(count) else {
                    throw Self.wrong(member.name, "a number from 1 to 1000")
                }
                connections = Int(count)
            case ("retries", .object(let inner)):
                for setting in inner { try readRetries(setting) }
            default: ignoredSettings.append(member.name)
            }
        }
    }

    private mutating func readRetries(_ setting: JSONValue.Member) throws(PluginFailure) {
        switch setting.name {
        case "max_attempts", "total_max_attempts":
            guard let count = setting.value.integer, (0...20).contains(count) else {
                throw Self.wrong("retries.\(setting.name)", "a number from 0 to 20")
            }
            // botocore counts retries under one name and attempts under the other.
            attempts = max(1, Int(count) + (setting.name == "max_attempts" ? 1 : 0))
        default: ignoredSettings.append("retries.\(setting.name)")
        }
    }

    private static func milliseconds(_ name: String, _ value: JSONValue) throws(PluginFailure) -> Int {
        let seconds: Double? =
            switch value {
            case .int(let number): Double(number)
            case .double(let number): number
            case .string(let text): Double(text)
            default: nil
            }
        guard let seconds, seconds > 0, seconds <= 86_400 else { throw wrong(name, "a number of seconds above 0") }
        return max(1, Int(seconds * 1000))
    }

    private static func wrong(_ name: String, _ expected: String) -> PluginFailure {
        PluginFailure(.badConfiguration, "'s3_config': '\(name)' must be \(expected)")
    }
}

extension Parameters {
    /// Reads a text. An empty one counts as none, as in LiteLLM's files.
    func text(_ name: String) throws(PluginFailure) -> String? {
        guard let text = try string(name), !text.isEmpty else { return nil }
        return text
    }
}
