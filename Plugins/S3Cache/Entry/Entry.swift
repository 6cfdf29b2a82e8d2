public import PluginAPI
import PluginKit
import S3Cache

/// The library's one exported function.
@c(gateway_cache_plugin_entry_v1)
public func entry(
    _ host: UnsafePointer<gw_abi>?,
    _ out: UnsafeMutablePointer<UnsafePointer<gw_plugin>?>?
) -> Int32 {
    export.answer(host, out)
}
