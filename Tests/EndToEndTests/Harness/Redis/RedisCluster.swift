import Foundation

/// Three masters that share the slots among them.
struct RedisCluster {
    let nodes: [RedisServer]

    static func start() async throws -> RedisCluster {
        var nodes: [RedisServer] = []
        for _ in 0..<3 {
            nodes.append(
                try await RedisServer.start(
                    ["--cluster-enabled", "yes", "--cluster-node-timeout", "2000"],
                    port: FreePort.find(alsoAbove: 10_000)
                )
            )
        }
        let addresses = nodes.map { "127.0.0.1:\($0.port)" }
        let made = try await Command.run(
            Command.find("redis-cli"),
            ["--cluster", "create"] + addresses + ["--cluster-yes"]
        )
        guard made.status == 0 else { throw HarnessError("no cluster was made: \(made.standardOutput)") }
        for node in nodes {
            try await eventually("the cluster serves") {
                try await node("CLUSTER", "INFO").contains("cluster_state:ok")
            }
        }
        return RedisCluster(nodes: nodes)
    }

    /// The value of `redis_startup_nodes` for `cache_params`.
    var startupNodes: String {
        "[" + nodes.map { "{host: 127.0.0.1, port: \($0.port)}" }.joined(separator: ", ") + "]"
    }

    var keys: [String] {
        get async throws {
            var keys: [String] = []
            for node in nodes { keys += try await node.keys }
            return keys
        }
    }

    func slot(of key: String) async throws -> Int {
        try Int(await nodes[0]("CLUSTER", "KEYSLOT", key)) ?? -1
    }

    /// The node that serves a slot.
    func owner(of slot: Int) async throws -> Int {
        for (index, node) in nodes.enumerated() {
            let lines = try await node("CLUSTER", "NODES").split(whereSeparator: \.isNewline)
            guard let own = lines.first(where: { $0.contains("myself") }) else { continue }
            for range in own.split(separator: " ").dropFirst(8) {
                let ends = range.split(separator: "-").compactMap { Int($0) }
                if let first = ends.first, let last = ends.last, (first...last).contains(slot) { return index }
            }
        }
        throw HarnessError("nobody serves slot \(slot)")
    }

    /// Begins to move a slot. From now on, keys that the old node no longer has are answered with ASK.
    func beginMove(of slot: Int, from source: Int, to target: Int) async throws {
        try await nodes[target]("CLUSTER", "SETSLOT", "\(slot)", "IMPORTING", id(of: source))
        try await nodes[source]("CLUSTER", "SETSLOT", "\(slot)", "MIGRATING", id(of: target))
    }

    /// Moves the keys of a slot.
    func moveKeys(of slot: Int, from source: Int, to target: Int) async throws {
        let keys = try await nodes[source]("CLUSTER", "GETKEYSINSLOT", "\(slot)", "1000")
        for key in keys.split(whereSeparator: \.isNewline) where !key.isEmpty {
            try await nodes[source]("MIGRATE", "127.0.0.1", "\(nodes[target].port)", String(key), "0", "5000")
        }
    }

    /// Ends a move. From now on, the old node answers with MOVED.
    func endMove(of slot: Int, to target: Int) async throws {
        let id = try await id(of: target)
        for node in [nodes[target]] + nodes { try await node("CLUSTER", "SETSLOT", "\(slot)", "NODE", id) }
    }

    private func id(of node: Int) async throws -> String { try await nodes[node]("CLUSTER", "MYID") }
}
