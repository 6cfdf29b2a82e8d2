package import PluginKit

/// The plugin's description for the host.
let description = PluginDescription(
    type: "redis",
    version: "1.0.0",
    summary: "Keeps entries in a Redis server, cluster or sentinel group, shared by all gateways that use it",
    capabilities: [.ttl, .delete, .flush, .shared, .persistent, .statistics, .partial],
    threads: .concurrent,
    maxBatch: 1024,
    maxValue: UInt64(Reply.longestString),
    defaultTTLMilliseconds: 600_000,
    answersInquiries: true,
    parameters: RedisParameters.all
)

/// The descriptor that the library exports.
package let export = PluginExport(
    description,
    validate: { RedisCache.validate($0, $1) },
    create: { RedisCache.create($0, $1, $2, $3) }
)
