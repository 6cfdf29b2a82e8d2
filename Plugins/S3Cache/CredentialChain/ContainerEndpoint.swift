/// Decides which addresses of a container's credential endpoint are allowed. Without TLS, only those of this machine
/// and of the container's host are.
enum ContainerEndpoint {
    private static let hosts = ["localhost", "127.0.0.1", "[::1]", "169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"]

    static func isAllowed(_ url: String) -> Bool {
        guard let endpoint = S3Endpoint(url, defaultTLS: false) else { return false }
        if endpoint.usesTLS { return true }
        let host =
            endpoint.authority.hasPrefix("[")
            ? endpoint.authority.prefix { $0 != "]" } + "]" : endpoint.authority.prefix { $0 != ":" }
        return hosts.contains(String(host))
    }
}
