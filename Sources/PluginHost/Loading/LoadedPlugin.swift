import PluginAPI

/// A plugin that is loaded and has a valid descriptor. It stays loaded for the life of the process.
public struct LoadedPlugin: Sendable {
    /// The cache type that it provides.
    public let type: PluginType
    /// The absolute path of the library without symbolic links.
    public let path: String
    /// What its file tells about itself.
    public let facts: LibraryFacts
    /// The plugin's own version.
    public let version: String
    /// The vendor, if the plugin gives one.
    public let vendor: String?
    /// The license, if the plugin gives one.
    public let license: String?
    /// A description in one line.
    public let summary: String
    /// The address of its documentation, if the plugin gives one.
    public let documentationURL: String?
    /// What it supports beyond get and set.
    public let capabilities: PluginCapabilities
    /// The threads from which its functions may be called.
    public let threadModel: PluginThreadModel
    /// The limits of what it accepts.
    public let limits: Limits
    /// The time to live of entries for which neither request nor configuration sets one. It is nil where the plugin has
    /// none.
    public let defaultTimeToLiveMilliseconds: UInt64?
    /// The most threads that may call a plugin that blocks. It is nil where the plugin sets no limit.
    let mostThreads: Int?
    /// The parameters that it can be configured with.
    public let parameters: [DeclaredParameter]
    let functions: PluginFunctions

    /// The limits of what the plugin accepts. A limit is nil where the plugin sets none.
    public struct Limits: Sendable, Equatable {
        /// How many items one operation may have.
        public let itemsPerOperation: Int?
        /// The greatest size of a key in bytes.
        public let keyBytes: Int?
        /// The greatest size of a value in bytes.
        public let valueBytes: Int?
    }

    /// How many threads call the plugin if it blocks, and 0 if it does not.
    func blockingThreads(atMost threads: Int) -> Int {
        threadModel == .blocking ? min(threads, mostThreads ?? threads) : 0
    }

    /// The name of the plugin in messages: `cache plugin 'redis' (/path, 1.2.0)`.
    public var title: String { "cache plugin '\(type)' (\(path), \(version))" }
}

/// The functions of a plugin. The mandatory ones are always present.
///
/// It is `@unchecked Sendable` because the pointers are constants into a library that is never unloaded, and the thread
/// model governs which function may be called on which thread.
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
    let getExtension: (@convention(c) (UnsafePointer<CChar>?) -> UnsafeRawPointer?)?
}
