import PluginKit

/// The parameters of `cache_params` that `type: s3` takes: LiteLLM's names.
enum S3Parameters {
    static let all =
        [
            Parameter(
                "s3_bucket_name",
                .string,
                "Name of the bucket",
                example: "cache-bucket",
                group: "Bucket",
                traits: .required
            ),
            Parameter(
                "s3_region_name",
                .string,
                "Region of the bucket. Default: AWS_REGION, AWS_DEFAULT_REGION, the profile's, us-east-1; a wrong one is corrected by S3's answer",
                example: "us-west-2",
                group: "Bucket"
            ),
            Parameter(
                "s3_path",
                .string,
                "Folder in the bucket for all entries",
                example: "llm-cache",
                group: "Bucket"
            ),
            Parameter(
                "s3_endpoint_url",
                .string,
                "Server that speaks S3, where it is not AWS",
                example: "https://s3.us-west-004.backblazeb2.com",
                group: "Server"
            ),
            Parameter(
                "s3_use_ssl",
                .bool,
                "Speak TLS. Without effect where s3_endpoint_url has a scheme",
                default: "true",
                group: "Server"
            ),
            Parameter(
                "s3_verify",
                .string,
                "Whether the server's certificate must be good: true, false, or a file of trusted authorities (PEM)",
                default: "true",
                group: "Server"
            ),
            Parameter(
                "s3_config",
                .json,
                "botocore's settings: s3.addressing_style (auto, path, virtual), connect_timeout, read_timeout, max_pool_connections, retries.max_attempts",
                example: "{\"s3\": {\"addressing_style\": \"path\"}}",
                group: "Server"
            ),
            Parameter(
                "s3_aws_access_key_id",
                .string,
                "Access key. Without it the AWS chain is asked: environment, profile, web identity, container, instance",
                group: "Credentials",
                traits: .secret
            ),
            Parameter(
                "s3_aws_secret_access_key",
                .string,
                "Its secret",
                group: "Credentials",
                traits: .secret
            ),
            Parameter(
                "s3_aws_session_token",
                .string,
                "Token of temporary credentials",
                group: "Credentials",
                traits: .secret
            ),
            Parameter(
                "s3_api_version",
                .string,
                "there is one version of S3's interface, 2006-03-01",
                traits: [.ignored, .hidden]
            ),
        ] + ChainVariables.parameters
}
