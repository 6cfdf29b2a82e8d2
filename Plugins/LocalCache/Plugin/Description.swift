package import PluginKit

let description = PluginDescription(
    type: "local",
    version: "1.0.0",
    summary: "Keeps entries in the gateway's own memory, bounded by bytes",
    capabilities: [.ttl, .delete, .flush, .statistics],
    threads: .concurrent,
    maxKey: 4096,
    defaultTTLMilliseconds: 600_000,
    parameters: [
        Parameter(
            "max_size",
            .size,
            """
            Memory for all entries, their keys and the bookkeeping, in bytes; the least useful entries are evicted. \
            An entry costs its key and value, 56 to 71 bytes beside them, and 27 to 54 bytes of index
            """,
            default: "256MB",
            example: "1GB",
            minimum: 65536
        ),
        Parameter(
            "max_item_size",
            .size,
            "The largest value that is stored, in bytes; larger ones are answered but not cached",
            default: "4MB",
            example: "1MB",
            minimum: 1
        ),
    ]
)

/// The descriptor that the library exports.
package let export = PluginExport(
    description,
    validate: { LocalCache.validate($0, $1) },
    create: { LocalCache.create($0, $1, $2, $3) }
)

extension StoreLimits {
    init(_ parameters: Parameters) throws(PluginFailure) {
        guard let size = try parameters.size("max_size"), let itemSize = try parameters.size("max_item_size") else {
            throw PluginFailure(.badConfiguration, "max_size and max_item_size have no value")
        }
        self.init(maxSize: Int(clamping: size), maxItemSize: Int(clamping: itemSize))
    }
}
