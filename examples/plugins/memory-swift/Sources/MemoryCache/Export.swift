// SPDX-License-Identifier: Apache-2.0
public import PluginAPI
import PluginKit

private let export = PluginExport(
    PluginDescription(
        type: "memory-swift",
        version: "1.0.0",
        summary: "a bounded number of answers in memory; an example in Swift",
        license: "Apache-2.0",
        capabilities: [.ttl, .delete],
        threads: .serial,
        defaultTTLMilliseconds: 600_000,
        parameters: [
            Parameter("entries", .int, "how many answers are kept at most", default: "4096", minimum: 1)
        ]
    ),
    validate: { MemoryCache.validate($0, $1) },
    create: { MemoryCache.create($0, $1, $2, $3) }
)

/// The one function that the library exports.
@c(gateway_cache_plugin_entry_v1)
public func entry(_ host: UnsafePointer<gw_abi>?, _ out: UnsafeMutablePointer<UnsafePointer<gw_plugin>?>?) -> Int32 {
    export.answer(host, out)
}
