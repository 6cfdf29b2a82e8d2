import PluginAPI

/// The extension `gateway.inquiry/1`: what a plugin's servers tell of themselves.
enum PluginInquiry {
    typealias Function = @convention(c) (OpaquePointer?, UnsafeMutablePointer<gw_get_op>?) -> Int32

    /// The function with which a plugin is asked. It is nil where the plugin does not offer it. Call it once there is an
    /// instance (rule E-3).
    static func function(of plugin: LoadedPlugin) -> Function? {
        guard let ask = plugin.functions.getExtension else { return nil }
        let found = CallMark.once(plugin.title, .getExtension) { ask(GW_INQUIRY_NAME) }
        guard let found else { return nil }
        let size = found.load(as: UInt32.self)
        guard size >= GW_INQUIRY_SIZE_1 else { return nil }
        return GrowableStruct.read(found, size: Int(size), over: gw_inquiry()).inquire
    }
}
