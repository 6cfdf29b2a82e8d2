import PluginAPI

/// A plugin that is loaded and whose descriptor makes sense. It stays loaded for the life of the process.
public struct LoadedPlugin: Sendable {
    /// The cache type that it serves.
    public let type: PluginType
    /// The library's file: absolute, without symbolic links.
    public let path: String
    /// The plugin's own version.
    public let version: String
    /// Who made it, if the plugin says so.
    public let vendor: String?
    /// Its license, if the plugin says so.
    public let license: String?
    /// One line.
    public let summary: String
    /// Where it is documented, if the plugin says so.
    public let documentationURL: String?
    /// What it can do beyond get and set.
    public let capabilities: PluginCapabilities
    /// From which threads its functions may be called.
    public let threadModel: PluginThreadModel
    /// What it accepts at most.
    public let limits: Limits
    /// For entries that neither request nor configuration give one. It is nil where the plugin has none.
    public let defaultTimeToLiveMilliseconds: UInt64?
    /// What it can be configured with.
    public let parameters: [DeclaredParameter]
    let functions: PluginFunctions

    /// What the plugin accepts at most. It is nil where the plugin sets no limit.
    public struct Limits: Sendable, Equatable {
        /// Items in one operation.
        public let itemsPerOperation: Int?
        /// The bytes of a key.
        public let keyBytes: Int?
        /// The bytes of a value.
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
