import Cache
public import PluginAPI
import PluginKit

/// The only function that a cache plugin's library exports.
///
/// Every bundled plugin compiles this file, through a symbolic link in its folder `Entry`. `Cache` is the module of the
/// plugin, and `export` the descriptor that it declares: see `cachePlugin` in Package.swift.
@c(gateway_cache_plugin_entry_v1)
public func entry(
    _ host: UnsafePointer<gw_abi>?,
    _ out: UnsafeMutablePointer<UnsafePointer<gw_plugin>?>?
) -> Int32 {
    export.answer(host, out)
}
