import Foundation

/// A master, a replica and three sentinels that watch them.
struct RedisSentinels {
    let servers: [RedisServer]
    let sentinels: [RedisServer]

    static let service = "mymaster"

    static func start(password: String? = nil) async throws -> RedisSentinels {
        let login = password.map { ["--requirepass", $0, "--masterauth", $0] } ?? []
        let client = password.map { ["-a", $0] } ?? []
        let master = try await RedisServer.start(login, client: client)
        let replica = try await RedisServer.start(
            login + ["--replicaof", "127.0.0.1", "\(master.port)"],
            client: client
        )
        try await eventually("the replica follows") {
            try await master("INFO", "replication").contains("state=online")
        }
        var sentinels: [RedisServer] = []
        for _ in 0..<3 {
            let directory = try TemporaryDirectory()
            let port = try FreePort.find()
            var text = """
                port \(port)
                sentinel monitor \(service) 127.0.0.1 \(master.port) 2
                sentinel down-after-milliseconds \(service) 500
                sentinel failover-timeout \(service) 3000

                """
            if let password { text += "sentinel auth-pass \(service) \(password)\n" }
            let file = try directory.write(text, to: "sentinel.conf")
            sentinels.append(
                try await RedisServer.sentinel(file, port: port, directory: directory)
            )
        }
        let group = RedisSentinels(servers: [master, replica], sentinels: sentinels)
        for sentinel in sentinels {
            try await eventually("the sentinels know one another") { try await group.knows(sentinel) }
        }
        return group
    }

    /// The value of `sentinel_nodes` for `cache_params`.
    var nodes: String { "[" + sentinels.map { "[\"127.0.0.1\", \($0.port)]" }.joined(separator: ", ") + "]" }

    /// The port of the master according to the first sentinel that answers.
    var masterPort: Int {
        get async throws {
            let words = try await sentinels[0]("SENTINEL", "GET-MASTER-ADDR-BY-NAME", Self.service)
            return words.split(whereSeparator: \.isNewline).last.flatMap { Int($0) } ?? 0
        }
    }

    /// Promotes the replica.
    func failOver() async throws { try await sentinels[0]("SENTINEL", "FAILOVER", Self.service) }

    private func knows(_ sentinel: RedisServer) async throws -> Bool {
        let state = try await sentinel("SENTINEL", "MASTER", Self.service).split(whereSeparator: \.isNewline)
        func value(_ name: Substring) -> Substring? {
            state.firstIndex(of: name).map { state.index(after: $0) }.flatMap { $0 < state.endIndex ? state[$0] : nil }
        }
        return value("num-other-sentinels") == "2" && value("num-slaves") == "1"
    }
}
