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
        descriptor = try Self.describe(entry, HostStyle())
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

    /// Stands for a plugin that is not loaded.
    static let absent = TestedPlugin(
        descriptor: UnsafePointer(GuardedMemory(byteCount: MemoryLayout<gw_plugin>.size).place(gw_plugin())),
        entry: { _, _ in GW_EINTERNAL }
    )

    private init(descriptor: UnsafePointer<gw_plugin>, entry: @escaping Entry) {
        self.descriptor = descriptor
        self.entry = entry
    }

    /// The type of the plugin, `gw_plugin.type`.
    public var type: String { descriptor.pointee.type.map { String(cString: $0) } ?? "" }

    /// The names of its parameters, with their aliases.
    public var parameterNames: [String] { DeclaredParameters(descriptor).rows.flatMap { [$0.name] + $0.aliases } }

    /// Whether the plugin announces a capability, `GW_CAP_...`.
    public func has(_ capability: UInt32) -> Bool { descriptor.pointee.capabilities & UInt64(capability) != 0 }

    /// Calls the entry function again, as a host of that style.
    func describeAgain(_ style: HostStyle = HostStyle()) -> UnsafePointer<gw_plugin>? {
        try? Self.describe(entry, style)
    }

    private static func describe(_ entry: Entry, _ style: HostStyle) throws(Unusable) -> UnsafePointer<gw_plugin> {
        var descriptor: UnsafePointer<gw_plugin>?
        let error = ErrorMemory.make(style)
        let size = Int(GW_ABI_SIZE_1_0)
        let memory = GuardedMemory(byteCount: size + style.growth, isGuarded: style.isGuarded)
        let host = memory.place(gw_abi())
        host.pointee.struct_size = UInt32(size + style.growth)
        host.pointee.abi_minor = style.minor
        host.pointee.host_name = GuardedMemory.text("conformance")
        host.pointee.host_version = GuardedMemory.text("1")
        host.pointee.error = error.pointer()
        let status = entry(host, &descriptor)
        let reason = error.pointer(to: gw_error.self).pointee.text
        memory.end()
        error.end()
        guard status == GW_OK, let descriptor else {
            let explanation = reason.isEmpty ? "" : ": \(reason)"
            throw Unusable(
                description: status == GW_OK
                    ? "the entry function gives no descriptor"
                    : "the entry function refuses with \(status)\(explanation)"
            )
        }
        return descriptor
    }
}
