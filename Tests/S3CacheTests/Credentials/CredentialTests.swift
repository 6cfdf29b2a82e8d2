import Testing

@testable import S3Cache

@Suite("AWS credentials")
struct CredentialTests {
    private func chain(_ variables: [ChainVariables: String]) -> [CredentialSource] {
        CredentialSource.chain({ variables[$0] }, region: "eu-west-1")
    }

    @Test("are looked for in the order of the SDKs")
    func order() {
        let all = chain([
            .accessKey: "a", .secretKey: "s", .sessionToken: "t", .webIdentityTokenFile: "/t", .roleARN: "r",
            .containerRelativeURI: "/v2/x", .home: "/home/me",
        ])
        #expect(
            all == [
                .keys(
                    Credentials(
                        keys: AccessKeys(accessKey: "a", secretKey: "s", sessionToken: "t"),
                        expires: nil,
                        origin: "the environment"
                    )
                ),
                .webIdentity(
                    tokenFile: "/t",
                    role: "r",
                    session: "gateway",
                    endpoint: "https://sts.eu-west-1.amazonaws.com"
                ),
                .files(
                    credentials: "/home/me/.aws/credentials",
                    config: "/home/me/.aws/config",
                    profile: "default",
                    isExplicit: false
                ),
                .container(url: "http://169.254.170.2/v2/x", token: nil, tokenFile: nil),
                .instance(endpoint: "http://169.254.169.254"),
            ]
        )
        let disabled = chain([.metadataDisabled: "TRUE", .profile: "work", .configFile: "/c", .credentialsFile: "/s"])
        #expect(disabled == [.files(credentials: "/s", config: "/c", profile: "work", isExplicit: true)])
    }

    @Test("are read from the AWS command line's files")
    func files() {
        let credentials = ProfileFile(
            """
            # comment
            [default]
            aws_access_key_id = AK
            aws_secret_access_key=a=b/c+   ; why
            [ work ]
            AWS_ACCESS_KEY_ID = W
            """,
            isConfig: false
        )
        #expect(credentials["default"] == ["aws_access_key_id": "AK", "aws_secret_access_key": "a=b/c+"])
        #expect(credentials["work"] == ["aws_access_key_id": "W"])
        let config = ProfileFile(
            "[default]\nregion = us-west-2\ns3 =\n  addressing_style = path\n[profile work]\nrole_arn = r\n[other]\nx = y\n",
            isConfig: true
        )
        #expect(config["default"] == ["region": "us-west-2", "s3": ""])
        #expect(config["work"] == ["role_arn": "r"])
        #expect(config["other"] == nil, "in this file a profile says that it is one")
    }

    @Test("are read from the answers of containers, instances and STS, with their end")
    func answers() {
        let json = #"{"AccessKeyId":"a","SecretAccessKey":"s","Token":"t","Expiration":"2015-08-30T12:36:00Z"}"#
        let found = Array(json.utf8).withUnsafeBytes { CredentialAnswers.json($0, origin: "o") }
        #expect(found?.keys == AccessKeys(accessKey: "a", secretKey: "s", sessionToken: "t"))
        #expect(found?.expires == 1_440_938_160)
        #expect(Array(#"{"AccessKeyId":"a"}"#.utf8).withUnsafeBytes { CredentialAnswers.json($0, origin: "o") } == nil)
        let xml =
            "<AssumeRoleWithWebIdentityResponse xmlns=\"x\"><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>a</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2015-08-30T12:36:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"
        #expect(Array(xml.utf8).withUnsafeBytes { CredentialAnswers.xml($0, origin: "o") } == found)
    }

    @Test("are renewed five minutes before their end but not in the first half of their life, and used until then")
    func renewal() {
        var credentials = Credentials(keys: AccessKeys(accessKey: "a", secretKey: "s"), expires: 1_000, origin: "o")
        #expect(RenewalPlan.due(credentials, obtained: 0) == 700)
        #expect(RenewalPlan.due(credentials, obtained: 900) == 945)
        #expect(RenewalPlan.due(credentials, obtained: 2_000) == 2_001, "over when they came")
        #expect(!RenewalPlan.isOver(credentials, unix: 989) && RenewalPlan.isOver(credentials, unix: 990))
        credentials.expires = nil
        #expect(RenewalPlan.due(credentials, obtained: 0) == nil && !RenewalPlan.isOver(credentials, unix: .max))
    }

    @Test("are asked for in plain text of this machine and the container's host only")
    func endpoints() {
        for url in ["http://169.254.170.2/x", "http://localhost:80/x", "http://[::1]:8080/x", "https://anywhere/x"] {
            #expect(ContainerEndpoint.isAllowed(url), "\(url)")
        }
        for url in [
            "http://10.0.0.1/x", "http://169.254.170.2.evil.example/x", "ftp://localhost/", "http://localhost@evil/",
        ] {
            #expect(!ContainerEndpoint.isAllowed(url), "\(url)")
        }
    }
}
