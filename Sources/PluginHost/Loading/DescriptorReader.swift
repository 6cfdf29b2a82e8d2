import PluginAPI

/// Converts a plugin's descriptor to a `LoadedPlugin`, or reports what is wrong with it.
struct DescriptorReader {
    let file: VettedPlugin
    /// The gateway's own keys in `cache_params`.
    let hostNames: Set<String>
    /// How long a key the plugin must take, in bytes.
    let leastKeyLimit: Int

    func read(_ pointer: UnsafePointer<gw_plugin>) throws(PluginError) -> LoadedPlugin {
        let size = Int(UnsafeRawPointer(pointer).load(as: UInt32.self))
        guard size >= Int(GW_PLUGIN_SIZE_1_0) else {
            throw PluginError(
                .descriptorTooSmall,
                path: file.path,
                "\(file.path) has a descriptor of \(size) bytes, interface version 1 has at least "
                    + "\(Int(GW_PLUGIN_SIZE_1_0)): set struct_size to sizeof(gw_plugin)"
            )
        }
        let plugin = GrowableStruct.read(pointer, size: size, over: gw_plugin())
        let type = Printable.text(cString: plugin.type) ?? ""
        guard type == file.type.name else {
            throw PluginError(
                .wrongType,
                path: file.path,
                "\(file.path) holds a plugin of type '\(Printable.text(type, limit: 40))', not '\(file.type)': "
                    + "give the file its own name, \(PluginType.prefix)\(Printable.text(type, limit: 40))\(PluginType.suffix)"
            )
        }
        guard let version = text(plugin.version), let summary = text(plugin.summary) else {
            throw inconsistent("has no version or no summary")
        }
        guard let threads = PluginThreadModel(rawValue: plugin.threads) else {
            throw inconsistent("declares an unknown thread model (\(plugin.threads))")
        }
        guard plugin.max_key == 0 || Int(plugin.max_key) >= leastKeyLimit else {
            throw PluginError(
                .keysTooShort,
                path: file.path,
                "\(file.path) takes keys of at most \(plugin.max_key) bytes (max_key), and the gateway's have up to "
                    + "\(leastKeyLimit)"
            )
        }
        let functions = try functions(plugin)
        return LoadedPlugin(
            type: file.type,
            path: file.path,
            facts: file.facts,
            version: version,
            vendor: text(plugin.vendor),
            license: text(plugin.license),
            summary: summary,
            documentationURL: text(plugin.doc_url),
            capabilities: PluginCapabilities(rawValue: plugin.capabilities),
            threadModel: threads,
            limits: LoadedPlugin.Limits(
                itemsPerOperation: limit(UInt64(plugin.max_batch)),
                keyBytes: limit(UInt64(plugin.max_key)),
                valueBytes: limit(plugin.max_value)
            ),
            defaultTimeToLiveMilliseconds: plugin.default_ttl_ms == 0 ? nil : plugin.default_ttl_ms,
            mostThreads: limit(UInt64(plugin.max_threads)),
            parameters: try ParameterTableReader(file: file, hostNames: hostNames).read(plugin),
            functions: functions
        )
    }

    private func functions(_ plugin: gw_plugin) throws(PluginError) -> PluginFunctions {
        guard let create = plugin.create else { throw missing("create") }
        guard let get = plugin.get else { throw missing("get") }
        guard let set = plugin.set else { throw missing("set") }
        guard let ping = plugin.ping else { throw missing("ping") }
        guard let shutdown = plugin.shutdown else { throw missing("shutdown") }
        guard let destroy = plugin.destroy else { throw missing("destroy") }
        let capabilities = PluginCapabilities(rawValue: plugin.capabilities)
        if capabilities.contains(.delete), plugin.del == nil { throw missing("del", for: "GW_CAP_DELETE") }
        if capabilities.contains(.flush), plugin.flush == nil { throw missing("flush", for: "GW_CAP_FLUSH") }
        if capabilities.contains(.statistics), plugin.stats == nil { throw missing("stats", for: "GW_CAP_STATS") }
        return PluginFunctions(
            validate: plugin.validate,
            create: create,
            start: plugin.start,
            get: get,
            set: set,
            delete: capabilities.contains(.delete) ? plugin.del : nil,
            ping: ping,
            flush: capabilities.contains(.flush) ? plugin.flush : nil,
            cancel: plugin.cancel,
            release: plugin.release,
            statistics: capabilities.contains(.statistics) ? plugin.stats : nil,
            shutdown: shutdown,
            destroy: destroy,
            getExtension: plugin.get_extension
        )
    }

    private func missing(_ function: String, for capability: String? = nil) -> PluginError {
        PluginError(
            .missingFunction,
            path: file.path,
            "\(file.path) has no function '\(function)' (NULL), "
                + (capability.map { "which \($0) promises" } ?? "which every cache plugin must have")
        )
    }

    private func inconsistent(_ what: String) -> PluginError {
        PluginError(.inconsistentDescriptor, path: file.path, "\(file.path) \(what): its descriptor is broken")
    }

    private func text(_ pointer: UnsafePointer<CChar>?) -> String? {
        Printable.text(cString: pointer).map { Printable.text($0) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    private func limit(_ value: UInt64) -> Int? {
        value == 0 ? nil : Int(clamping: value)
    }
}
