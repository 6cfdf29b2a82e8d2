import PluginKit

/// The parameters of `cache_params` that `type: redis` takes: redis-py's and LiteLLM's names.
enum RedisParameters {
    static let all = server + login + tls + limits + withoutEffect

    private static let server = [
        Parameter(
            "host",
            .string,
            "Name or address of the server",
            environment: "REDIS_HOST",
            example: "redis.internal",
            group: "Server"
        ),
        Parameter(
            "port",
            .int,
            "Port of the server",
            default: "6379",
            environment: "REDIS_PORT",
            group: "Server",
            minimum: 1,
            maximum: 65535
        ),
        Parameter(
            "url",
            .string,
            "The server, user and database in one: redis://, rediss:// (TLS) or unix://. Beats the single parameters beside it",
            environment: "REDIS_URL",
            example: "rediss://user:password@redis.internal:6380/0",
            group: "Server",
            traits: .secret
        ),
        Parameter(
            "unix_socket_path",
            .string,
            "Path of the server's Unix socket",
            environment: "REDIS_UNIX_SOCKET_PATH",
            example: "/run/redis/redis.sock",
            group: "Server"
        ),
        Parameter(
            "redis_startup_nodes",
            .json,
            "Some nodes of a cluster, which tell about the others: [{host: redis-1, port: 6379}]",
            environment: "REDIS_CLUSTER_NODES",
            example: "[{\"host\": \"redis-1\", \"port\": 6379}]",
            group: "Server",
            aliases: ["startup_nodes"]
        ),
        Parameter(
            "sentinel_nodes",
            .json,
            "Sentinels that know the master: [[\"sentinel-1\", 26379]]. Needs service_name",
            environment: "REDIS_SENTINEL_NODES",
            example: "[[\"sentinel-1\", 26379]]",
            group: "Server"
        ),
        Parameter(
            "service_name",
            .string,
            "The name under which the sentinels know the master",
            environment: "REDIS_SERVICE_NAME",
            example: "mymaster",
            group: "Server"
        ),
        Parameter(
            "db",
            .int,
            "Number of the database",
            default: "0",
            environment: "REDIS_DB",
            group: "Server",
            minimum: 0,
            maximum: 65535
        ),
    ]

    private static let login = [
        Parameter(
            "username",
            .string,
            "User of the access control list",
            environment: "REDIS_USERNAME",
            group: "Log-in"
        ),
        Parameter("password", .string, "Password", environment: "REDIS_PASSWORD", group: "Log-in", traits: .secret),
        Parameter(
            "sentinel_password",
            .string,
            "Password of the sentinels",
            environment: "REDIS_SENTINEL_PASSWORD",
            group: "Log-in",
            traits: .secret
        ),
        Parameter(
            "client_name",
            .string,
            "How the gateway's connections are called in CLIENT LIST",
            default: "gateway",
            environment: "REDIS_CLIENT_NAME",
            group: "Log-in"
        ),
    ]

    private static let tls = [
        Parameter("ssl", .bool, "Speak TLS", default: "false", environment: "REDIS_SSL", group: "TLS"),
        Parameter(
            "ssl_ca_certs",
            .string,
            "File with the certificates of trusted authorities (PEM). Default: the system's",
            environment: "REDIS_SSL_CA_CERTS",
            example: "/etc/ssl/redis-ca.pem",
            group: "TLS"
        ),
        Parameter(
            "ssl_ca_path",
            .string,
            "Folder of such certificates, named by hash",
            environment: "REDIS_SSL_CA_PATH",
            group: "TLS"
        ),
        Parameter(
            "ssl_ca_data",
            .string,
            "Such certificates themselves, as PEM text",
            environment: "REDIS_SSL_CA_DATA",
            group: "TLS"
        ),
        Parameter(
            "ssl_certfile",
            .string,
            "File with the gateway's own certificate (PEM), for servers that ask for one",
            environment: "REDIS_SSL_CERTFILE",
            group: "TLS"
        ),
        Parameter(
            "ssl_keyfile",
            .string,
            "File with the certificate's private key (PEM). Default: ssl_certfile holds it too",
            environment: "REDIS_SSL_KEYFILE",
            group: "TLS"
        ),
        Parameter(
            "ssl_password",
            .string,
            "Password of the private key",
            environment: "REDIS_SSL_PASSWORD",
            group: "TLS",
            traits: .secret
        ),
        Parameter(
            "ssl_cert_reqs",
            .choice(["required", "optional", "none"]),
            "Whether the server's certificate must be good; `none` lets anybody pose as the server",
            default: "required",
            environment: "REDIS_SSL_CERT_REQS",
            group: "TLS"
        ),
        Parameter(
            "ssl_check_hostname",
            .bool,
            "Whether the certificate must bear the server's name",
            default: "true",
            environment: "REDIS_SSL_CHECK_HOSTNAME",
            group: "TLS"
        ),
        Parameter(
            "ssl_min_version",
            .choice(["TLSv1.2", "TLSv1.3"]),
            "The oldest version of TLS to speak",
            default: "TLSv1.2",
            environment: "REDIS_SSL_MIN_VERSION",
            group: "TLS"
        ),
        Parameter(
            "ssl_ciphers",
            .string,
            "Ciphers for TLS 1.2, as OpenSSL writes them",
            environment: "REDIS_SSL_CIPHERS",
            group: "TLS"
        ),
    ]

    private static let limits = [
        Parameter(
            "socket_timeout",
            .duration,
            "How long the server may leave a command unanswered before its connection is given up; no request waits longer than lookup_timeout",
            default: "5s",
            environment: "REDIS_SOCKET_TIMEOUT",
            group: "Connections",
            minimum: 1_000_000
        ),
        Parameter(
            "socket_connect_timeout",
            .duration,
            "How long connecting may take, TLS and log-in included",
            default: "5s",
            environment: "REDIS_SOCKET_CONNECT_TIMEOUT",
            group: "Connections",
            minimum: 1_000_000
        ),
        Parameter(
            "socket_keepalive",
            .bool,
            "Whether idle connections are probed by TCP",
            default: "true",
            environment: "REDIS_SOCKET_KEEPALIVE",
            group: "Connections"
        ),
        Parameter(
            "max_connections",
            .int,
            "The most connections to one server. Requests share them: one is for look-ups and one for writes, and no more are made; with 1 both share it",
            default: "2",
            environment: "REDIS_MAX_CONNECTIONS",
            group: "Connections",
            minimum: 1
        ),
    ]

    private static let withoutEffect = IgnoredParameters.all.map { name, reason in
        Parameter(name, .json, reason, traits: [.ignored, .hidden])
    }
}
