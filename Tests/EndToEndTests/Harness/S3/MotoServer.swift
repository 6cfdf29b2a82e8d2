import Foundation

/// moto's S3 and STS in one server on a free port. It issues temporary keys of a role, and checks their token.
final class MotoServer: BucketServer {
    let port: Int
    let keys: BucketKeys
    var adminKeys: BucketKeys { keys }
    private let process: Command

    /// Starts the server for all tests.
    static func start() async throws -> MotoServer {
        let port = try FreePort.find(alsoAbove: 10_000)
        let process = try Command(
            Repository.python.deletingLastPathComponent().appending(path: "moto_server"),
            ["-H", "127.0.0.1", "-p", "\(port)"],
            directory: FileManager.default.temporaryDirectory,
            // The first three requests, which set the server up, may use any keys.
            environment: ["INITIAL_NO_AUTH_ACTION_COUNT": "3"],
            outlivesTest: true
        )
        try await eventually("moto answers", within: .seconds(60)) {
            try await Command.run(
                Command.find("curl"),
                ["--silent", "--fail", "--output", "/dev/null", "http://127.0.0.1:\(port)/moto-api/"]
            ).status == 0
        }
        let answer = try await Boto.run(
            """
            any = dict(endpoint_url='http://127.0.0.1:\(port)', region_name='us-east-1', aws_access_key_id='any',
                aws_secret_access_key='any')
            iam = boto3.client('iam', **any)
            anybody = {'Effect': 'Allow', 'Principal': {'AWS': '*'}, 'Action': 'sts:AssumeRole'}
            everything = {'Effect': 'Allow', 'Action': 's3:*', 'Resource': '*'}
            document = lambda statement: json.dumps({'Version': '2012-10-17', 'Statement': [statement]})
            role = iam.create_role(RoleName='cache', AssumeRolePolicyDocument=document(anybody))['Role']
            iam.put_role_policy(RoleName='cache', PolicyName='cache', PolicyDocument=document(everything))
            keys = boto3.client('sts', **any).assume_role(RoleArn=role['Arn'], RoleSessionName='tests')['Credentials']
            print(json.dumps([keys['AccessKeyId'], keys['SecretAccessKey'], keys['SessionToken']]))
            """
        )
        let keys = JSON(Array(answer.utf8)).array.compactMap(\.string)
        guard keys.count == 3 else { throw HarnessError("moto gives no keys: \(answer)") }
        return MotoServer(port, BucketKeys(access: keys[0], secret: keys[1], token: keys[2]), process)
    }

    private init(_ port: Int, _ keys: BucketKeys, _ process: Command) {
        self.port = port
        self.keys = keys
        self.process = process
    }

    deinit { process.signal(SIGKILL) }
}
