import Foundation
import Testing

/// The protection of keys and entries.
@Suite("A bucket's keys and its way there", .timeLimit(.minutes(3)))
struct S3SecurityTests {
    @Test("Keys are in no log, no answer, no error and no description of the settings")
    func secrets() async throws {
        let bucket = try await Implementation.moto.bucket()
        let secrets = [bucket.keys.access, bucket.keys.secret, bucket.keys.token ?? ""]
        func expectNone(_ text: String, _ whence: String) {
            for secret in secrets { #expect(!text.contains(secret), "\(whence) has a key in it") }
        }
        let environment = [
            "AWS_ACCESS_KEY_ID": bucket.keys.access, "AWS_SECRET_ACCESS_KEY": bucket.keys.secret,
            "AWS_SESSION_TOKEN": bucket.keys.token ?? "",
        ]
        let fromEnvironment = """
            type: s3
            s3_bucket_name: \(bucket.name)
            s3_endpoint_url: \(bucket.url)
            lookup_timeout: 5
            """
        let cases = [
            (bucket.parameters("lookup_timeout: 5"), [:]), (fromEnvironment, environment),
            (bucket.parameters("lookup_timeout: 5").replacingOccurrences(of: bucket.name, with: "nowhere"), [:]),
        ]
        for (parameters, variables) in cases {
            try await withGateway(
                Configurations.cached(parameters),
                environment: variables,
                arguments: ["--log-level", "trace"]
            ) { gateway, _ async throws in
                _ = try await gateway.chat("hello")
                if !parameters.contains("nowhere") { #expect(try await gateway.chat("hello").isHit) }
                for path in ["/cache/ping", "/health/readiness", "/metrics"] {
                    expectNone(try await gateway.get(path).text, path)
                }
                expectNone(gateway.log, "the log")
            }
        }
        let directory = try TemporaryDirectory()
        let bad = bucket.parameters("s3_config: nonsense")
        let file = try directory.write(Configurations.cached(bad), to: "config.yaml")
        let checked = try await Command.run(
            Repository.gateway,
            ["check", "--config", file.path, "--plugin-dir", Repository.plugins.path]
        )
        #expect(checked.status == 1 && (checked.standardOutput + checked.standardError).contains("'s3_config'"))
        expectNone(checked.standardOutput + checked.standardError, "validate")
        let described = try await Command.run(
            Repository.gateway,
            ["plugins", "describe", "s3", "--plugin-dir", Repository.plugins.path],
            environment: environment
        )
        #expect(described.status == 0 && described.standardOutput.contains("s3_bucket_name"))
        expectNone(described.standardOutput + described.standardError, "describe")
    }

    @Test("TLS with a private authority; an unknown one is refused, and unchecked ones and plain text are warned about")
    func tls() async throws {
        let authority = try await CertificateAuthority.make()
        let certificate = try await authority.certificate("server", names: "DNS:localhost,IP:127.0.0.1")
        let server = try await SeaweedServer.start(tls: certificate)
        let secure = "https://127.0.0.1:\(server.port)"
        let bucket = Bucket(server: server, name: "cache")
        _ = try await bucket.boto(
            """
            boto3.client('s3', endpoint_url='\(secure)', region_name='us-east-1', verify='\(authority.file)',
                aws_access_key_id='\(server.adminKeys.access)', aws_secret_access_key='\(server.adminKeys.secret)'
            ).create_bucket(Bucket='cache')
            """
        )
        func parameters(_ more: String) -> String {
            bucket.parameters("lookup_timeout: 5\n" + more).replacingOccurrences(of: bucket.url, with: secure)
        }
        try await withGateway(Configurations.cached(parameters(""))) { gateway, _ async throws in
            #expect(try await gateway.chat("hello").status == 200)
            #expect(try await gateway.logged(#/name the authority in 's3_verify'/#))
        }
        for (verify, warning) in [(authority.file, nil), ("false", "lets anybody pose as S3")] {
            try await withGateway(Configurations.cached(parameters("s3_verify: \(verify)"))) {
                gateway,
                _ async throws in
                _ = try await gateway.chat("hello")
                #expect(try await gateway.chat("hello").isHit, "\(gateway.log)")
                #expect(gateway.log.contains("lets anybody pose as S3") == (warning != nil))
                #expect(!gateway.log.contains("without TLS"))
            }
        }
        try await withGateway(
            Configurations.cached(
                "type: s3\ns3_bucket_name: cache\ns3_use_ssl: false\ns3_endpoint_url: 127.0.0.1:\(server.port)"
            ),
            environment: ["AWS_EC2_METADATA_DISABLED": "true"]
        ) { gateway, _ async throws in #expect(gateway.log.contains("is spoken to without TLS")) }
    }

    @Test("Bad parameters are refused at start, each with the place and the way to mend it")
    func refused() async throws {
        for (parameters, words) in [
            ("type: s3", "s3_bucket_name"),
            ("type: s3\ns3_bucket_name: My_Bucket", "lower-case"),
            ("type: s3\ns3_bucket_name: cache\ns3_aws_access_key_id: a", "needs 's3_aws_secret_access_key'"),
            ("type: s3\ns3_bucket_name: cache\ns3_endpoint_url: ftp://h", "must be a URL"),
            ("type: s3\ns3_bucket_name: cache\ns3_verify: /nonexistent/ca.pem", "cannot be read"),
            ("type: s3\ns3_bucket_name: cache\ns3_config: {s3: {addressing_style: diagonal}}", "auto, path or virtual"),
            ("type: s3\ns3_bucket_name: cache\ns3_config: {connect_timeout: -1}", "connect_timeout"),
            ("type: s3\ns3_bucket_name: cache\ns3_config: {max_pool_connections: 0}", "max_pool_connections"),
        ] {
            let directory = try TemporaryDirectory()
            let configuration = Configurations.cached(parameters).replacingOccurrences(of: "UPSTREAM", with: "http://h")
            let file = try directory.write(configuration, to: "config.yaml")
            let result = try await Command.run(
                Repository.gateway,
                ["--config", file.path, "--plugin-dir", Repository.plugins.path, "--port", "0"]
            )
            #expect(result.status == 78, "\(parameters): \(result.status)")
            #expect(result.standardError.contains(words), "\(result.standardError)")
        }
    }

    @Test("What boto3 knows and we do not need is warned about by name")
    func ignored() async throws {
        let parameters = """
            type: s3
            s3_bucket_name: cache
            s3_endpoint_url: http://127.0.0.1:1
            s3_aws_access_key_id: a
            s3_aws_secret_access_key: b
            s3_api_version: "2006-03-01"
            s3_config: {s3: {addressing_style: path, use_accelerate_endpoint: true}, user_agent: me, retries: {mode: standard}}
            """
        try await withGateway(Configurations.cached(parameters)) { gateway, _ async throws in
            #expect(try await gateway.chat("hello").status == 200)
            for name in ["s3.use_accelerate_endpoint", "user_agent", "retries.mode", "s3_api_version"] {
                #expect(gateway.log.contains("'\(name)'"), "\(gateway.log)")
            }
        }
    }
}
