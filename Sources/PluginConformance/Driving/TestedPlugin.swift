import Glibc
public import PluginAPI

/// A plugin as its entry function describes it. It is linked into the program, or loaded from its library.
///
/// It is unchecked because the descriptor is constant data of the plugin that lives as long as the process.
public struct TestedPlugin: @unchecked Sendable {
    /// A plugin's entry function, `gateway_cache_plugin_entry_v1`.
    public typealias Entry =
        (_ host: UnsafePointer<gw_abi>?, _ out: UnsafeMutablePointer<UnsafePointer<gw_plugin>?>?) -> Int32

    /// Why a plugin cannot be tested at all.
    public struct Unusable: Error, CustomStringConvertible {
        public let description: String
    }

    /// The plugin's descriptor.
    public let descriptor: UnsafePointer<gw_plugin>
    private let entry: Entry

    /// A plugin that is linked into this program.
    public init(entry: @escaping Entry) throws(Unusable) {
        self.entry = entry
        guard let descriptor = Self.describe(entry) else {
            throw Unusable(description: "the entry function gives no descriptor")
        }
        self.descriptor = descriptor
    }

    /// Loads a plugin as it is distributed. The library stays loaded.
    /// - Parameter path: the path of the library, `libgateway-cache-<type>.so`.
    public init(library path: String) throws(Unusable) {
        typealias Exported =
            @convention(c) (UnsafePointer<gw_abi>?, UnsafeMutablePointer<UnsafePointer<gw_plugin>?>?) ->
            Int32
        guard let library = dlopen(path, RTLD_NOW | RTLD_LOCAL | CInt(RTLD_NODELETE)),
            let symbol = dlsym(library, GW_ENTRY_SYMBOL)
        else { throw Unusable(description: dlerror().map { String(cString: $0) } ?? "\(path) cannot be loaded") }
        let exported = unsafeBitCast(symbol, to: Exported.self)
        try self.init { exported($0, $1) }
    }

    /// The type of the plugin, `gw_plugin.type`.
    public var type: String { descriptor.pointee.type.map { String(cString: $0) } ?? "" }

    /// Whether the plugin announces a capability, `GW_CAP_...`.
    public func has(_ capability: UInt32) -> Bool { descriptor.pointee.capabilities & UInt64(capability) != 0 }

    /// Calls the entry function again.
    func describeAgain() -> UnsafePointer<gw_plugin>? { Self.describe(entry) }

    private static func describe(_ entry: Entry) -> UnsafePointer<gw_plugin>? {
        var descriptor: UnsafePointer<gw_plugin>?
        var error = gw_error()
        error.struct_size = UInt32(MemoryLayout<gw_error>.size)
        let status = "conformance".withCString { name in
            "1".withCString { version in
                withUnsafeMutablePointer(to: &error) { error in
                    var host = gw_abi(
                        struct_size: UInt32(MemoryLayout<gw_abi>.size),
                        abi_minor: GW_ABI_MINOR,
                        host_name: name,
                        host_version: version,
                        error: error
                    )
                    return entry(&host, &descriptor)
                }
            }
        }
        return status == GW_OK ? descriptor : nil
    }
}
