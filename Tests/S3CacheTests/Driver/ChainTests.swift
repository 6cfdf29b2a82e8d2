import Glibc
import PluginAPI
import PluginConformance
import TestSupport
import Testing

/// Servers on loopback replace the services that issue keys. The signatures show whose keys were used.
@Suite("The AWS credential chain", .timeLimit(.minutes(2)))
struct ChainTests {
    /// No source except those that a test adds.
    private static let bare = ["AWS_EC2_METADATA_DISABLED": "true", "HOME": "/nonexistent"]

    private func key(_ call: ScriptedS3.Call) -> String {
        String(
            call.authorization.firstRange(of: "Credential=").map { call.authorization[$0.upperBound...] }?
                .prefix { $0 != "/" } ?? ""
        )
    }

    private func isObject(_ call: ScriptedS3.Call) -> Bool { call.path.hasPrefix("/cache") }

    private static func json(_ key: String, lasting seconds: Int64) -> ScriptedServer.Answer {
        .status(
            200,
            [],
            #"{"Code":"Success","AccessKeyId":"\#(key)","SecretAccessKey":"the-secret","Token":"the-token","Expiration":"\#(time(seconds))"}"#
        )
    }

    /// The time in `seconds` from now, in ISO 8601.
    private static func time(_ seconds: Int64) -> String {
        var now = time_t(0)
        Glibc.time(&now)
        now += Int(seconds)
        var parts = tm()
        gmtime_r(&now, &parts)
        var text = [CChar](repeating: 0, count: 32)
        strftime(&text, 32, "%Y-%m-%dT%H:%M:%SZ", &parts)
        return text.withUnsafeBufferPointer { String(decoding: $0.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self) }
    }

    private func expectHit(_ plugin: PluginDriver) throws {
        let found = try #require(plugin.get("k").wait())
        #expect(found.values == ["v"], "\(found.reason)")
        plugin.release(found.leases)
    }

    @Test("begins with the environment's keys, and a session token is sent and signed")
    func environment() throws {
        try withS3(
            environment: Self.bare.merging([
                "AWS_ACCESS_KEY_ID": "AKENV", "AWS_SECRET_ACCESS_KEY": "the-secret", "AWS_SESSION_TOKEN": "the-token",
            ]) { $1 },
            answering: { _ in .object("v") }
        ) { plugin, server in
            try expectHit(plugin)
            let call = try #require(server.calls.first)
            #expect(key(call) == "AKENV" && call.headers["x-amz-security-token"] == "the-token")
            #expect(call.authorization.contains("x-amz-date;x-amz-security-token,"))
            #expect(!(plugin.log + plugin.health.map(\.reason)).contains { $0.contains("the-") })
        }
    }

    @Test("reads the shared files, the named profile, and the region beside it")
    func files() throws {
        let folder = try Folder()
        defer { folder.remove() }
        let credentials = try folder.write(
            "credentials",
            "[default]\naws_access_key_id=AKDEF\naws_secret_access_key=s\n"
        )
        let config = try folder.write(
            "config",
            "[profile work]\nregion = eu-central-1\naws_access_key_id = AKWORK\naws_secret_access_key = s\n"
        )
        let files = ["AWS_SHARED_CREDENTIALS_FILE": credentials, "AWS_CONFIG_FILE": config]
        for (profile, used, region) in [("", "AKDEF", "us-east-1"), ("work", "AKWORK", "eu-central-1")] {
            try withS3(
                ["s3_region_name": ""],
                environment: Self.bare.merging(files) { $1 }.merging(["AWS_PROFILE": profile]) { $1 },
                answering: { _ in .object("v") }
            ) { plugin, server in
                try expectHit(plugin)
                let call = try #require(server.calls.first)
                #expect(key(call) == used && call.authorization.contains("/\(region)/s3/"), "\(call.authorization)")
            }
        }
    }

    @Test("exchanges a web identity at STS")
    func webIdentity() throws {
        let folder = try Folder()
        defer { folder.remove() }
        let token = try folder.write("token", "header.payload.signature\n")
        try withS3(
            environment: Self.bare.merging([
                "AWS_WEB_IDENTITY_TOKEN_FILE": token, "AWS_ROLE_ARN": "arn:aws:iam::1:role/cache",
                "AWS_ENDPOINT_URL_STS": "URL/sts",
            ]) { $1 },
            answering: { call in
                guard call.path == "/sts/" else { return .object("v") }
                return .status(
                    200,
                    [],
                    "<R><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>AKWEB</AccessKeyId><SecretAccessKey>the-secret</SecretAccessKey><SessionToken>the-token</SessionToken><Expiration>\(Self.time(3600))</Expiration></Credentials></AssumeRoleWithWebIdentityResult></R>"
                )
            }
        ) { plugin, server in
            try expectHit(plugin)
            let asked = try #require(server.calls.first { $0.path == "/sts/" })
            #expect(asked.method == "POST" && asked.body.contains("Action=AssumeRoleWithWebIdentity"))
            #expect(asked.body.contains("RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fcache"))
            #expect(asked.body.contains("WebIdentityToken=header.payload.signature"))
            #expect(server.calls.filter(isObject).map(key) == ["AKWEB"])
            #expect(plugin.log.contains { $0.contains("the web identity of arn:aws:iam::1:role/cache") })
        }
    }

    @Test("asks the container's endpoint, with its token")
    func container() throws {
        let folder = try Folder()
        defer { folder.remove() }
        let file = try folder.write("token", "Bearer of-the-file\n")
        for (variables, authorization) in [
            (["AWS_CONTAINER_AUTHORIZATION_TOKEN": "Bearer of-the-variable"], "Bearer of-the-variable"),
            (["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": file], "Bearer of-the-file"),
        ] {
            try withS3(
                environment: Self.bare.merging(["AWS_CONTAINER_CREDENTIALS_FULL_URI": "URL/creds"]) { $1 }
                    .merging(variables) { $1 },
                answering: { $0.path == "/creds" ? Self.json("AKCON", lasting: 3600) : .object("v") }
            ) { plugin, server in
                try expectHit(plugin)
                #expect(server.calls.first { $0.path == "/creds" }?.authorization == authorization)
                #expect(server.calls.filter(isObject).map(key) == ["AKCON"])
            }
        }
    }

    @Test("asks the instance's metadata service, version 2, last of all")
    func instance() throws {
        try withS3(
            environment: ["AWS_EC2_METADATA_SERVICE_ENDPOINT": "URL/md/", "HOME": "/nonexistent"],
            answering: { call in
                switch call.line {
                case "PUT /md/latest/api/token":
                    call.headers["x-aws-ec2-metadata-token-ttl-seconds"] == "21600"
                        ? .status(200, [], "session") : .status(400)
                case "GET /md/latest/meta-data/iam/security-credentials/":
                    call.headers["x-aws-ec2-metadata-token"] == "session"
                        ? .status(200, [], "the-role\n") : .status(401)
                case "GET /md/latest/meta-data/iam/security-credentials/the-role":
                    call.headers["x-aws-ec2-metadata-token"] == "session"
                        ? Self.json("AKINST", lasting: 3600) : .status(401)
                default: .object("v")
                }
            }
        ) { plugin, server in
            try expectHit(plugin)
            #expect(server.calls.filter(isObject).map(key) == ["AKINST"])
        }
    }

    @Test("renews temporary keys before they expire, though nobody asks for anything, and no request waits")
    func renewal() throws {
        let fetches = Tally()
        let isHeld = Flag()
        try withS3(
            environment: Self.bare.merging(["AWS_CONTAINER_CREDENTIALS_FULL_URI": "URL/creds"]) { $1 },
            answering: { call in
                guard call.path == "/creds" else { return .object("v") }
                fetches.add()
                let number = fetches.count
                while isHeld.isUp { usleep(1_000) }
                return Self.json("AK\(number)", lasting: number == 1 ? 24 : 3600)
            }
        ) { plugin, server in
            try expectHit(plugin)
            isHeld.isUp = true
            #expect(eventually { fetches.count == 2 }, "half their life is over")
            // While the renewal hangs, requests go on with the old keys.
            try expectHit(plugin)
            isHeld.isUp = false
            #expect(
                eventually {
                    try? expectHit(plugin)
                    return server.calls.last.map(key) != "AK1"
                }
            )
        }
    }

    @Test("fetches anew when the server says that a token has expired before its time")
    func expiredToken() throws {
        let fetches = Tally()
        try withS3(
            environment: Self.bare.merging(["AWS_CONTAINER_CREDENTIALS_FULL_URI": "URL/creds"]) { $1 },
            answering: { call in
                if call.path == "/creds" {
                    fetches.add()
                    return Self.json("AK\(fetches.count)", lasting: 3600)
                }
                return call.authorization.contains("AK1/")
                    ? .error(400, "ExpiredToken", "The provided token has expired.") : .object("v")
            }
        ) { plugin, _ in
            try expectHit(plugin)
            #expect(fetches.count == 2)
        }
    }

    @Test("shows none of the keys that it has found, though the server repeats them")
    func repeated() throws {
        try withS3(
            environment: Self.bare.merging(["AWS_CONTAINER_CREDENTIALS_FULL_URI": "URL/creds"]) { $1 },
            answering: { call in
                call.path == "/creds"
                    ? Self.json("AKIDREPEATED", lasting: 3600)
                    : .error(403, "AccessDenied", "AKIDREPEATED may not, with the-secret and the-token")
            }
        ) { plugin, _ in
            let outcome = try #require(plugin.get("k").wait())
            #expect(outcome.reason.contains("AccessDenied: *** may not, with *** and ***"), "\(outcome.reason)")
        }
    }

    @Test("says what it tried when there are no keys, and tries again later")
    func none() throws {
        try withS3(
            environment: Self.bare.merging([
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": "URL/creds", "AWS_PROFILE": "absent",
            ]) { $1 },
            answering: { _ in .status(500) }
        ) { plugin, _ in
            let outcome = try #require(plugin.get("k").wait())
            #expect(outcome.status == GW_EAUTH)
            for words in [
                "no AWS credentials were found", "profile 'absent' has no keys",
                "the container's credential endpoint answers 500", "give 's3_aws_access_key_id'",
            ] { #expect(outcome.reason.contains(words), "\(outcome.reason)") }
        }
    }

    private func eventually(_ condition: () -> Bool) -> Bool {
        for _ in 0..<3_000 {
            if condition() { return true }
            usleep(10_000)
        }
        return false
    }
}

/// A folder for a test's files.
private struct Folder {
    let path: String

    init() throws {
        var template = Array("/tmp/gateway-s3-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw PluginDriver.Complaint(description: "no folder") }
        path = String(cString: made)
    }

    func write(_ name: String, _ text: String) throws -> String {
        let file = path + "/" + name
        guard let stream = fopen(file, "w") else { throw PluginDriver.Complaint(description: "no file \(file)") }
        fputs(text, stream)
        fclose(stream)
        return file
    }

    func remove() {
        for name in ["credentials", "config", "token"] { unlink(path + "/" + name) }
        rmdir(path)
    }
}
