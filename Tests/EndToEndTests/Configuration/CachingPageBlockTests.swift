import Foundation
import Testing

/// The configuration blocks of the caching page, copied unchanged.
@Suite("A configuration block of the caching page", .timeLimit(.minutes(1)))
struct CachingPageBlockTests {
    static let quickStart = """
        model_list:
          - model_name: gpt-3.5-turbo
            litellm_params:
              model: gpt-3.5-turbo
          - model_name: text-embedding-ada-002
            litellm_params:
              model: text-embedding-ada-002

        litellm_settings:
          set_verbose: True
          cache: True          # set cache responses to True, litellm defaults to using a redis cache
        """

    static let s3 = """
        model_list:
          - model_name: gpt-3.5-turbo
            litellm_params:
              model: gpt-3.5-turbo
          - model_name: text-embedding-ada-002
            litellm_params:
              model: text-embedding-ada-002

        litellm_settings:
          set_verbose: True
          cache: True          # set cache responses to True
          cache_params:        # set cache params for s3
            type: s3
            s3_bucket_name: cache-bucket-litellm   # AWS Bucket Name for S3
            s3_region_name: us-west-2              # AWS Region Name for S3
            s3_aws_access_key_id: your_access_key  # AWS Access Key ID for S3
            s3_aws_secret_access_key: your_secret_key  # AWS Secret Access Key for S3
            s3_endpoint_url: https://s3.amazonaws.com  # [OPTIONAL] S3 endpoint URL, if you want to use Backblaze/cloudflare s3 buckets
        """

    static let redis = """
        model_list:
          - model_name: gpt-3.5-turbo
            litellm_params:
              model: gpt-3.5-turbo
          - model_name: text-embedding-ada-002
            litellm_params:
              model: text-embedding-ada-002

        litellm_settings:
          set_verbose: True
          cache: True          # set cache responses to True, litellm defaults to using a redis cache
          cache_params:         # cache_params are optional
            type: "redis"  # The type of cache to initialize. Can be "local" or "redis". Defaults to "local".
            host: "localhost"  # The host address for the Redis cache. Required if type is "redis".
            port: 6379  # The port number for the Redis cache. Required if type is "redis".
            password: "your_password"  # The password for the Redis cache. Required if type is "redis".
            
            # Optional configurations
            supported_call_types: ["acompletion", "completion", "embedding", "aembedding"] # defaults to all litellm call types
        """

    static let supported = """
        cache_params:
          # Type of cache (options: "local", "redis", "s3")
          type: s3

          # List of litellm call types to cache for
          # Options: "completion", "acompletion", "embedding", "aembedding"
          supported_call_types:
            - completion
            - acompletion
            - embedding
            - aembedding

          # Redis cache parameters
          host: localhost  # Redis server hostname or IP address
          port: "6379"  # Redis server port (as a string)
          password: secret_password  # Redis server password

          # S3 cache parameters
          s3_bucket_name: your_s3_bucket_name  # Name of the S3 bucket
          s3_region_name: us-west-2  # AWS region of the S3 bucket
          s3_api_version: 2006-03-01  # AWS S3 API version
          s3_use_ssl: true  # Use SSL for S3 connections (options: true, false)
          s3_verify: true  # SSL certificate verification for S3 connections (options: true, false)
          s3_endpoint_url: https://s3.amazonaws.com  # S3 endpoint URL
          s3_aws_access_key_id: your_access_key  # AWS Access Key ID for S3
          s3_aws_secret_access_key: your_secret_key  # AWS Secret Access Key for S3
          s3_aws_session_token: your_session_token  # AWS Session Token for temporary credentials

        """

    /// The block in its right place, below the models and `cache: True`.
    static let supportedInPlace =
        quickStart + "\n"
        + supported.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)\n" }.joined()

    static let dotEnv = """
          REDIS_URL = ""        # REDIS_URL='redis://username:password@hostname:port/database'
          ## OR ## 
          REDIS_HOST = ""       # REDIS_HOST='redis-18841.c274.us-east-1-3.ec2.cloud.redislabs.com'
          REDIS_PORT = ""       # REDIS_PORT='18841'
          REDIS_PASSWORD = ""   # REDIS_PASSWORD='liteLlmIsAmazing'
        """

    private static let key = ["OPENAI_API_KEY": "sk-test"]

    @Test(
        "loads without a remark, and takes the cache that it names",
        arguments: [(quickStart, "local"), (s3, "s3"), (redis, "redis")]
    )
    func loads(configuration: String, type: String) async throws {
        let checked = try await Checked.check(configuration, "--strict", environment: Self.key)
        #expect(checked.status == 0)
        #expect(checked.messages == [])
        #expect(checked.report.contains("\n  type: \(type) ("))
    }

    @Test("of environment variables loads as .env, empty values and all")
    func environmentFile() async throws {
        let checked = try await Checked.check(
            Self.quickStart,
            "--strict",
            environment: Self.key,
            dotEnv: Self.dotEnv
        )
        #expect(checked.messages == [])
        #expect(checked.report.contains("\n  type: local ("))
    }

    @Test("that mixes the parameters of Redis and S3 loads, and says which have no effect")
    func supportedParameters() async throws {
        let checked = try await Checked.check(Self.supportedInPlace, environment: Self.key)
        #expect(checked.status == 0)
        let foreign = ["host", "port", "password"].enumerated().map { line, name in
            "config.yaml:\(25 + line):5: warning: '\(name)' in cache_params belongs to cache type 'redis' and has no effect with type 's3'; remove it"
        }
        let ignored =
            "config.yaml:32:5: warning: 's3_api_version' has no effect: there is one version of S3's interface, 2006-03-01"
        #expect(checked.messages == foreign + [ignored])
        for line in ["type: s3 (", "s3_bucket_name: your_s3_bucket_name", "s3_region_name: us-west-2"] {
            #expect(checked.report.contains("\n  \(line)"), "\(line)")
        }
        for secret in ["secret_password", "your_secret_key", "your_session_token"] {
            #expect(!checked.report.contains(secret))
        }
        let strict = try await Checked.check(Self.supportedInPlace, "--strict", environment: Self.key)
        #expect(strict.status == 78)
        #expect(strict.messages.last == "config.yaml: 4 warnings, not allowed by --strict")
    }

    @Test("that stands alone loads, says where it belongs, and is not enough to serve")
    func fragment() async throws {
        let checked = try await Checked.check(Self.supported)
        #expect(checked.status == 0)
        #expect(
            checked.messages == [
                "config.yaml: warning: there is no model_list: no request can be answered",
                "config.yaml:1:1: warning: 'cache_params' has no effect at the top level; it belongs in litellm_settings",
            ]
        )
        let directory = try TemporaryDirectory()
        let file = try directory.write(Self.supported, to: "config.yaml")
        let started = try await Command.run(
            Repository.gateway,
            ["--config", file.path, "--port", "0", "--plugin-dir", Repository.plugins.path],
            directory: directory.url
        )
        #expect(started.status == 78)
        #expect(
            started.standardError.hasSuffix(
                "config.yaml: the gateway does not start without a model; add a model_list\n"
            )
        )
    }

    @Test("serves with the parameters of another cache beside its own")
    func serves() async throws {
        let configuration = Configurations.cached("type: local\nhost: localhost\ns3_bucket_name: b\npassword: secret")
        try await withGateway(configuration) { gateway, upstream async throws in
            _ = try await gateway.chat("hello")
            #expect(try await gateway.chat("hello").isHit)
            #expect(upstream.calls == 1)
            #expect(gateway.log.contains("'host' in cache_params belongs to cache type 'redis'"))
        }
    }
}
