import PluginAPI

/// A plugin that is loaded and whose descriptor makes sense. It stays loaded for the life of the process.
public struct LoadedPlugin: Sendable {
    public let type: PluginType
    /// The library's file: absolute, without symbolic links.
    public let path: String
    public let version: String
    public let vendor: String?
    public let license: String?
    /// One line.
    public let summary: String
    public let documentationURL: String?
    public let capabilities: PluginCapabilities
    public let threadModel: PluginThreadModel
    public let limits: Limits
    /// For entries that neither request nor configuration give one; nil: none.
    public let defaultTimeToLiveMilliseconds: UInt64?
    public let parameters: [PluginParameter]
    let functions: PluginFunctions

    /// What the plugin takes at most; nil: no limit.
    public struct Limits: Sendable, Equatable {
        public let itemsPerOperation: Int?
        public let keyBytes: Int?
        public let valueBytes: Int?
    }

    /// How messages call it: `cache plugin 'redis' (/path, 1.2.0)`.
    public var title: String { "cache plugin '\(type)' (\(path), \(version))" }
}

/// A plugin's functions. The mandatory ones are known to be there.
///
/// `@unchecked Sendable`: the pointers are constants into a library that is never unloaded, and what
/// may be called on which thread is governed by the thread model.
struct PluginFunctions: @unchecked Sendable {
    let validate: (@convention(c) (UnsafePointer<gw_params>?, UnsafeMutablePointer<gw_error>?) -> Int32)?
    let create:
        @convention(c) (
            UnsafePointer<gw_host>?, UnsafePointer<gw_params>?, UnsafeMutablePointer<gw_error>?,
            UnsafeMutablePointer<OpaquePointer?>?
        ) -> Int32
    let start: (@convention(c) (OpaquePointer?, UnsafeMutablePointer<gw_plain_op>?) -> Int32)?
    let get: @convention(c) (OpaquePointer?, UnsafeMutablePointer<gw_get_op>?) -> Int32
    let set: @convention(c) (OpaquePointer?, UnsafeMutablePointer<gw_set_op>?) -> Int32
    let delete: (@convention(c) (OpaquePointer?, UnsafeMutablePointer<gw_del_op>?) -> Int32)?
    let ping: @convention(c) (OpaquePointer?, UnsafeMutablePointer<gw_plain_op>?) -> Int32
    let flush: (@convention(c) (OpaquePointer?, UnsafeMutablePointer<gw_flush_op>?) -> Int32)?
    let cancel: (@convention(c) (OpaquePointer?, UInt64) -> Void)?
    let release: (@convention(c) (OpaquePointer?, UnsafePointer<UInt64>?, UInt32) -> Void)?
    let statistics: (@convention(c) (OpaquePointer?, UnsafePointer<gw_stats>?) -> Void)?
    let shutdown: @convention(c) (OpaquePointer?, UnsafeMutablePointer<gw_plain_op>?) -> Int32
    let destroy: @convention(c) (OpaquePointer?) -> Void
}
