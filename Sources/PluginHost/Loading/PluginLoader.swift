import CrashReport
import Glibc
import PluginAPI

/// Loads vetted plugins into the process. Nothing is ever unloaded, since Swift, Go and thread-local destructors do not
/// survive it.
public struct PluginLoader: Sendable {
    private typealias Entry =
        @convention(c) (UnsafePointer<gw_abi>?, UnsafeMutablePointer<UnsafePointer<gw_plugin>?>?) -> Int32

    private let directory: PluginDirectory
    private let hostVersion: String
    private let hostNames: Set<String>
    private let leastKeyLimit: Int

    /// - Parameters:
    ///   - hostVersion: the gateway's own version, which plugins are given.
    ///   - hostNames: the gateway's own keys in `cache_params`, which no plugin may declare.
    ///   - leastKeyLimit: how long a key a plugin must take, in bytes.
    public init(
        directory: PluginDirectory,
        hostVersion: String,
        hostNames: Set<String> = [],
        leastKeyLimit: Int = 0
    ) {
        self.directory = directory
        self.hostVersion = hostVersion
        self.hostNames = hostNames
        self.leastKeyLimit = leastKeyLimit
    }

    /// Finds, vets and loads the plugin of a type. It blocks for as long as the dynamic linker takes. Loading the same
    /// plugin again is cheap and returns the same plugin.
    ///
    /// - Parameter pin: the digest that the file must have. None of its code runs if it has another.
    public func load(_ type: PluginType, pin: FileDigest? = nil) throws(PluginError) -> LoadedPlugin {
        let file = try directory.locate(type)
        let pinned = try pin.map { (pin) throws(PluginError) in try PinnedFile(file.path, pin) }
        let title = "cache plugin '\(type)' (\(file.path))"
        let entry = try CallMark.once(title, .load) { () throws(PluginError) in try open(file) }
        try pinned?.checkUnchanged()
        let descriptor = try CallMark.once(title, .entry) { () throws(PluginError) in try describe(file, entry) }
        let plugin = try DescriptorReader(file: file, hostNames: hostNames, leastKeyLimit: leastKeyLimit)
            .read(descriptor)
        crash_report_note_library(file.path, plugin.title)
        return plugin
    }

    private func open(_ file: VettedPlugin) throws(PluginError) -> Entry {
        _ = dlerror()
        guard let library = dlopen(file.path, RTLD_NOW | RTLD_LOCAL | CInt(RTLD_NODELETE)) else {
            throw PluginError(
                .loadFailed,
                path: file.path,
                "cannot load \(file.path): \(linkerMessage()); 'ldd \(file.path)' shows which libraries it lacks"
            )
        }
        guard let symbol = dlsym(library, EntrySymbol.name) else {
            throw PluginError(
                .noEntrySymbol,
                path: file.path,
                "\(file.path) does not define \(EntrySymbol.name): \(linkerMessage())"
            )
        }
        return unsafeBitCast(symbol, to: Entry.self)
    }

    private func describe(_ file: VettedPlugin, _ entry: Entry) throws(PluginError) -> UnsafePointer<gw_plugin> {
        var descriptor: UnsafePointer<gw_plugin>?
        var error = gw_error.empty
        let status = "gateway".withCString { name in
            hostVersion.withCString { version in
                withUnsafeMutablePointer(to: &error) { error in
                    var abi = gw_abi(
                        struct_size: UInt32(MemoryLayout<gw_abi>.size),
                        abi_minor: UInt32(GW_ABI_MINOR),
                        host_name: name,
                        host_version: version,
                        error: error
                    )
                    return entry(&abi, &descriptor)
                }
            }
        }
        guard status == GW_OK, let descriptor else {
            let reason =
                error.text.map { Printable.text($0) }
                ?? "its entry function returned "
                + (status == GW_OK ? "no descriptor" : OperationFailure(status: status).description)
            throw PluginError(.entryFailed, path: file.path, "\(file.path) refused to be loaded: \(reason)")
        }
        return descriptor
    }

    private func linkerMessage() -> String {
        dlerror().map { Printable.text(String(cString: $0)) } ?? "the dynamic linker gives no reason"
    }
}
