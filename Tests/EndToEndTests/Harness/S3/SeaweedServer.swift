import Foundation

/// A real server that implements S3 and checks signatures: SeaweedFS, on free ports and in a directory of its own.
final class SeaweedServer: BucketServer {
    let port: Int
    let directory: TemporaryDirectory
    let keys = BucketKeys(access: "GATEWAYKEY", secret: "test/secret+key/0123456789")
    /// With these keys, a write to a bucket makes the bucket.
    let adminKeys = BucketKeys(access: "ADMINKEY", secret: "admin/secret+key/0123456789")
    private let process: Command

    /// - Parameter tls: the files of a certificate and its key, for a server with TLS.
    static func start(tls: (certificate: String, key: String)? = nil, forAllTests: Bool = false) async throws
        -> SeaweedServer
    {
        let directory = try TemporaryDirectory()
        let identities = """
            {"identities": [
              {"name": "tests", "actions": ["Admin", "Read", "Write", "List"],
                "credentials": [{"accessKey": "ADMINKEY", "secretKey": "admin/secret+key/0123456789"}]},
              {"name": "gateway", "actions": ["Read", "Write", "List"],
                "credentials": [{"accessKey": "GATEWAYKEY", "secretKey": "test/secret+key/0123456789"}]}]}
            """
        let file = try directory.write(identities, to: "s3.json")
        let port = try FreePort.find(alsoAbove: 10_000)
        var arguments = [
            "-logdir=\(directory.url.path)", "server", "-dir=\(directory.url.path)", "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1", "-s3",
            "-s3.config=\(file.path)", "-s3.domainName=localhost",
            "-s3.port.iceberg=0", "-s3.port.lance=0", "-s3.port=\(port)", "-volume.max=200",
            "-master.volumeSizeLimitMB=16",
        ]
        for flag in ["master.port", "volume.port", "filer.port"] {
            arguments.append("-\(flag)=\(try FreePort.find(alsoAbove: 10_000))")
        }
        if let tls { arguments += ["-s3.cert.file=\(tls.certificate)", "-s3.key.file=\(tls.key)"] }
        let process = try Command(
            Repository.python.deletingLastPathComponent().appending(path: "weed"),
            arguments,
            directory: directory.url,
            outlivesTest: forAllTests
        )
        let server = SeaweedServer(port, directory, process)
        let scheme = tls == nil ? "http" : "https"
        try await eventually("SeaweedFS answers", within: .seconds(60)) {
            let answer = try await Command.run(
                Command.find("curl"),
                [
                    "--silent", "--insecure", "--output", "/dev/null", "--write-out", "%{http_code}",
                    "\(scheme)://127.0.0.1:\(port)/",
                ]
            )
            return ["200", "403"].contains(answer.standardOutput)
        }
        return server
    }

    private init(_ port: Int, _ directory: TemporaryDirectory, _ process: Command) {
        self.port = port
        self.directory = directory
        self.process = process
    }

    deinit { process.signal(SIGKILL) }
}
