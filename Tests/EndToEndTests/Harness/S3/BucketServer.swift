import Synchronization

/// A real server that implements S3 and checks signatures, with keys for it.
protocol BucketServer: Sendable {
    var port: Int { get }
    /// The keys of the gateway.
    var keys: BucketKeys { get }
    /// The keys of the tests, which may make buckets.
    var adminKeys: BucketKeys { get }
}

struct BucketKeys: Sendable {
    var access: String
    var secret: String
    /// The session token of temporary keys.
    var token: String?
}

/// The implementations that the tests run against. One server of each serves all tests, each of which has a bucket.
enum Implementation: String, CaseIterable, Sendable {
    case seaweed, moto

    /// A bucket that is empty.
    func bucket() async throws -> Bucket { try await Bucket.make(at: server()) }

    private func server() async throws -> any BucketServer {
        switch self {
        case .seaweed: try await Self.seaweedServer.value
        case .moto: try await Self.motoServer.value
        }
    }

    private static let seaweedServer = Task { try await SeaweedServer.start(forAllTests: true) }
    private static let motoServer = Task { try await MotoServer.start() }
}

/// A bucket, and operations on it for tests.
struct Bucket: Sendable {
    let server: any BucketServer
    let name: String
    private static let made = Atomic<Int>(0)

    static func make(at server: any BucketServer) async throws -> Bucket {
        let number = made.add(1, ordering: .relaxed).newValue
        let bucket = Bucket(server: server, name: "cache-\(number)")
        _ = try await bucket.boto("s3.create_bucket(Bucket='\(bucket.name)')")
        return bucket
    }

    var port: Int { server.port }
    var keys: BucketKeys { server.keys }
    var adminKeys: BucketKeys { server.adminKeys }
    var url: String { "http://127.0.0.1:\(port)" }

    /// The parameters for `cache_params`.
    /// - Parameter port: the port of a proxy in front of the server.
    func parameters(_ more: String = "", port: Int? = nil) -> String {
        """
        type: s3
        s3_bucket_name: \(name)
        s3_region_name: us-east-1
        s3_endpoint_url: http://127.0.0.1:\(port ?? self.port)
        s3_aws_access_key_id: \(keys.access)
        s3_aws_secret_access_key: \(keys.secret)
        \(keys.token.map { "s3_aws_session_token: \($0)" } ?? "")
        \(more)
        """
    }

    /// The same parameters for a plugin without a gateway.
    var pluginParameters: [String: String] {
        var parameters = [
            "s3_bucket_name": name, "s3_endpoint_url": url, "s3_aws_access_key_id": keys.access,
            "s3_aws_secret_access_key": keys.secret,
        ]
        parameters["s3_aws_session_token"] = keys.token
        return parameters
    }

    /// Runs statements of Python with boto3, `s3`, a client, and `BUCKET`, the name, and returns what they print. This
    /// is how others see the bucket.
    func boto(_ statements: String) async throws -> String {
        try await Boto.run(
            """
            BUCKET = '\(name)'
            s3 = boto3.client('s3', endpoint_url='\(url)', region_name='us-east-1',
                aws_access_key_id='\(adminKeys.access)', aws_secret_access_key='\(adminKeys.secret)',
                aws_session_token=\(adminKeys.token.map { "'\($0)'" } ?? "None"),
                config=Config(s3={'addressing_style': 'path'}))
            \(statements)
            """
        )
    }

    /// How many objects there are.
    func objectCount(_ prefix: String = "") async throws -> Int {
        let pages = "s3.get_paginator('list_objects_v2').paginate(Bucket=BUCKET, Prefix='\(prefix)')"
        return Int(try await boto("print(sum(page['KeyCount'] for page in \(pages)))")) ?? -1
    }
}

enum Boto {
    static func run(_ statements: String) async throws -> String {
        let script = "import boto3, json\nfrom botocore.config import Config\n" + statements
        let result = try await Command.run(Repository.python, ["-c", script])
        guard result.status == 0 else { throw HarnessError("boto3 failed: \(result.standardError.suffix(500))") }
        return result.standardOutput.trimmed
    }
}
