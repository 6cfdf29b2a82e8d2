/// The interface version that a plugin offers, read from the names that it exports: the major version is part of the
/// entry function's name.
enum EntrySymbol {
    static let prefix = "gateway_cache_plugin_entry_v"
    static let supportedMajor = 1
    static let name = "gateway_cache_plugin_entry_v1"

    static func check(_ exported: [String], path: String) throws(PluginError) {
        if exported.contains(name) { return }
        let majors = exported.compactMap { $0.hasPrefix(prefix) ? UInt32($0.dropFirst(prefix.count)) : nil }.sorted()
        guard let major = majors.last else {
            throw PluginError(
                .noEntrySymbol,
                path: path,
                "\(path) is a shared library but not a cache plugin: it does not export \(name); "
                    + "check that the function is not hidden (GW_EXPORT) or stripped by a version script"
            )
        }
        let list = majors.map(String.init).joined(separator: ", ")
        throw PluginError(
            .wrongMajor,
            path: path,
            "\(path) offers interface version \(list), this gateway speaks \(supportedMajor): "
                + (major > UInt32(supportedMajor)
                    ? "install a newer gateway, or a build of the plugin for version \(supportedMajor)"
                    : "install a newer build of the plugin")
        )
    }
}
