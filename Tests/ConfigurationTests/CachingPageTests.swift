import CallTypes
import Configuration
import Testing

@Suite("The configurations of LiteLLM's caching page")
struct CachingPageTests {
    private static let models = """
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

    private static let emptyVariables = """
        REDIS_URL = ""        # REDIS_URL='redis://username:password@hostname:port/database'
        ## OR ##
        REDIS_HOST = ""       # REDIS_HOST='redis-18841.c274.us-east-1-3.ec2.cloud.redislabs.com'
        REDIS_PORT = ""       # REDIS_PORT='18841'
        REDIS_PASSWORD = ""   # REDIS_PASSWORD='liteLlmIsAmazing'
        """

    @Test("load as they stand: Redis where .env names a server, else memory")
    func quickStart() throws {
        let local = try load(Self.models, dotEnv: Self.emptyVariables)
        #expect(local.messages == [])
        #expect(local.settings.cache?.type == "local")
        #expect(local.settings.models.map(\.name) == ["gpt-3.5-turbo", "text-embedding-ada-002"])
        let redis = try load(Self.models, dotEnv: "REDIS_URL='redis://username:password@hostname:6379/0'\n")
        #expect(redis.messages == [])
        #expect(redis.settings.cache?.type == "redis")
    }

    @Test("load with all supported cache_params, which reach the plugin in order")
    func allParameters() throws {
        let outcome = try load(
            Self.models + """
                  cache_params:
                    type: s3
                    supported_call_types:
                      - completion
                      - acompletion
                      - embedding
                      - aembedding
                    host: localhost  # Redis server hostname or IP address
                    port: "6379"  # Redis server port (as a string)
                    password: secret_password  # Redis server password
                    s3_bucket_name: your_s3_bucket_name  # Name of the S3 bucket
                    s3_api_version: 2006-03-01  # AWS S3 API version
                    s3_use_ssl: true  # Use SSL for S3 connections (options: true, false)
                    s3_endpoint_url: https://s3.amazonaws.com  # S3 endpoint URL

                """
        )
        #expect(outcome.messages == [])
        let cache = try #require(outcome.settings.cache)
        #expect(cache.type == "s3")
        #expect(cache.supportedCallTypes == CallTypeSet([Calls.chat, Calls.embeddings]))
        #expect(
            cache.parameters.map { "\($0.name)=\($0.value.json)" } == [
                #"host="localhost""#, #"port="6379""#, #"password="secret_password""#,
                #"s3_bucket_name="your_s3_bucket_name""#, #"s3_api_version="2006-03-01""#, "s3_use_ssl=true",
                #"s3_endpoint_url="https://s3.amazonaws.com""#,
            ]
        )
    }
}
