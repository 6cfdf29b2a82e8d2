import PluginKit

/// [I/O thread] Tries the sources of the credential chain until one has keys.
final class CredentialFetch {
    typealias Outcome = Result<Credentials, BackendFailure>

    private let instance: S3Instance
    private var sources: ArraySlice<CredentialSource>
    private let finish: (Outcome) -> Void
    /// Why sources that exist gave no keys.
    private var troubles: [String] = []

    private static let localTimeout = 1_000
    private static let remoteTimeout = 10_000

    init(_ instance: S3Instance, _ sources: [CredentialSource], finish: @escaping (Outcome) -> Void) {
        self.instance = instance
        self.sources = sources[...]
        self.finish = finish
    }

    /// Tries the next source.
    func start() {
        guard let source = sources.popFirst() else {
            let details = troubles.isEmpty ? "" : " (" + troubles.joined(separator: "; ") + ")"
            let mend =
                "give 's3_aws_access_key_id' and 's3_aws_secret_access_key', or set up one of the AWS chain's sources"
            return finish(.failure(BackendFailure(.unauthorized, "no AWS credentials were found\(details): \(mend)")))
        }
        switch source {
        case .keys(let credentials): finish(.success(credentials))
        case .files(let credentials, let config, let profile, let isExplicit):
            readFiles(credentials, config, profile, isExplicit)
        case .webIdentity(let file, let role, let session, let endpoint): assume(file, role, session, endpoint)
        case .container(let url, let token, let tokenFile): askContainer(url, token, tokenFile)
        case .instance(let endpoint): askInstance(endpoint)
        }
    }

    private func next(_ trouble: String? = nil) {
        if let trouble { troubles.append(trouble) }
        start()
    }

    // MARK: Files

    private func readFiles(_ credentials: String, _ config: String, _ profile: String, _ isExplicit: Bool) {
        var members = SmallFile.read(config).map { ProfileFile($0, isConfig: true) }?[profile] ?? [:]
        let ours = SmallFile.read(credentials).map { ProfileFile($0, isConfig: false) }?[profile] ?? [:]
        members.merge(ours) { $1 }
        if let access = members["aws_access_key_id"], let secret = members["aws_secret_access_key"] {
            let keys = AccessKeys(
                accessKey: access,
                secretKey: secret,
                sessionToken: members["aws_session_token"]
            )
            return finish(.success(Credentials(keys: keys, expires: nil, origin: "profile '\(profile)'")))
        }
        if let file = members["web_identity_token_file"], let role = members["role_arn"] {
            let settings = instance.settings
            let endpoint =
                settings.tokenService ?? CredentialSource.tokenService(members["region"] ?? settings.region)
            return assume(file, role, members["role_session_name"] ?? "gateway", endpoint)
        }
        for unsupported in [
            "credential_process", "sso_session", "sso_start_url", "source_profile", "credential_source",
        ]
        where members[unsupported] != nil {
            return next("profile '\(profile)' uses \(unsupported), which is not supported")
        }
        next(isExplicit ? "profile '\(profile)' has no keys in \(credentials) or \(config)" : nil)
    }

    // MARK: STS

    private func assume(_ file: String, _ role: String, _ session: String, _ endpoint: String) {
        guard let token = SmallFile.read(file)?.split(whereSeparator: \.isWhitespace).first else {
            return next("the web identity token \(file) cannot be read")
        }
        let form = [
            ("Action", "AssumeRoleWithWebIdentity"), ("Version", "2011-06-15"), ("RoleArn", role),
            ("RoleSessionName", session), ("WebIdentityToken", String(token)),
        ]
        let body = form.map { "\($0.0)=\(URIEncoding.encoded($0.1))" }.joined(separator: "&")
        let request = HTTPRequest(
            method: "POST",
            url: endpoint.hasSuffix("/") ? endpoint : endpoint + "/",
            headers: [("content-type", "application/x-www-form-urlencoded")],
            body: .bytes(Array(body.utf8)),
            totalTimeout: Self.remoteTimeout
        )
        instance.loop.send(request) { [self] outcome in
            switch outcome {
            case .failure(let failure): next("STS cannot be reached: \(failure.reason)")
            case .success(let response):
                if response.status == 200,
                    let found = CredentialAnswers.xml(response.body.bytes, origin: "the web identity of \(role)")
                {
                    return finish(.success(found))
                }
                let error = ServiceError(response.body.bytes).map { "\($0.code): \($0.message)" }
                next("STS refuses role \(role): \(error ?? "status \(response.status)")")
            }
        }
    }

    // MARK: Containers and instances

    private func askContainer(_ url: String, _ token: String?, _ tokenFile: String?) {
        guard ContainerEndpoint.isAllowed(url) else {
            return next(
                "\(ChainVariables.containerFullURI.rawValue) must be https, or http to this machine or container host"
            )
        }
        var headers: [(name: String, value: String)] = []
        if let tokenFile {
            guard let text = SmallFile.read(tokenFile)?.split(whereSeparator: \.isNewline).first else {
                return next("the container's token \(tokenFile) cannot be read")
            }
            headers.append(("authorization", String(text)))
        } else if let token, !token.contains(where: \.isNewline) {
            headers.append(("authorization", token))
        }
        get(url, headers, "the container's credential endpoint") { body in
            CredentialAnswers.json(body, origin: "the container")
        }
    }

    private func askInstance(_ endpoint: String) {
        let request = HTTPRequest(
            method: "PUT",
            url: endpoint + "/latest/api/token",
            headers: [("x-aws-ec2-metadata-token-ttl-seconds", "21600")],
            totalTimeout: Self.localTimeout,
            isDirect: true
        )
        instance.loop.send(request) { [self] outcome in
            // Without such a service this machine is not an instance, which is not reported as a problem.
            guard case .success(let response) = outcome, response.status == 200 else { return next() }
            let token = String(decoding: response.body.bytes, as: UTF8.self)
            guard !token.isEmpty, !token.contains(where: \.isNewline) else { return next() }
            askRole(endpoint + "/latest/meta-data/iam/security-credentials/", [("x-aws-ec2-metadata-token", token)])
        }
    }

    private func askRole(_ url: String, _ headers: [(name: String, value: String)]) {
        let request = HTTPRequest(
            method: "GET",
            url: url,
            headers: headers,
            totalTimeout: Self.localTimeout,
            isDirect: true
        )
        instance.loop.send(request) { [self] outcome in
            guard case .success(let response) = outcome, response.status == 200,
                let role = String(decoding: response.body.bytes, as: UTF8.self).split(whereSeparator: \.isNewline).first
            else { return next("the instance has no role") }
            get(url + URIEncoding.encoded(String(role)), headers, "the instance's metadata service") { body in
                CredentialAnswers.json(body, origin: "the instance's role \(role)")
            }
        }
    }

    private func get(
        _ url: String,
        _ headers: [(name: String, value: String)],
        _ whom: String,
        _ read: @escaping (UnsafeRawBufferPointer) -> Credentials?
    ) {
        let request = HTTPRequest(
            method: "GET",
            url: url,
            headers: headers,
            totalTimeout: 2 * Self.localTimeout,
            isDirect: true
        )
        instance.loop.send(request) { [self] outcome in
            switch outcome {
            case .failure(let failure): next("\(whom) does not answer: \(failure.reason)")
            case .success(let response):
                if response.status == 200, let found = read(response.body.bytes) { return finish(.success(found)) }
                next("\(whom) answers \(response.status) without credentials")
            }
        }
    }
}
