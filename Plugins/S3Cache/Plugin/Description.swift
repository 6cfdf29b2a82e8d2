package import PluginKit

/// The plugin's description for the host.
let description = PluginDescription(
    type: "s3",
    version: "1.0.0",
    summary: "Keeps entries as objects in a bucket of S3 or of anything that speaks S3",
    capabilities: [.ttl, .delete, .flush, .shared, .persistent, .statistics],
    threads: .concurrent,
    maxBatch: 1024,
    maxValue: 5 << 30,
    parameters: S3Parameters.all
)

/// The descriptor that the library exports.
package let export = PluginExport(
    description,
    validate: { S3Cache.validate($0, $1) },
    create: { S3Cache.create($0, $1, $2, $3) }
)
