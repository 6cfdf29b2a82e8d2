import Glibc
public import PluginAPI

/// A plugin's static descriptor, made once from its description.
///
/// A library has one, as a global constant, and hands it out from its one exported function:
///
///     let plugin = PluginExport(
///         description,
///         validate: { Redis.validate($0, $1) },
///         create: { Redis.create($0, $1, $2, $3) }
///     )
///
///     @c(gateway_cache_plugin_entry_v1)
///     public func entry(
///         _ host: UnsafePointer<gw_abi>?, _ out: UnsafeMutablePointer<UnsafePointer<gw_plugin>?>?
///     ) -> Int32 { plugin.answer(host, out) }
///
/// The two closures name the type because Swift forms C functions from concrete types only.
///
/// It is unchecked because the memory is never written again after `init`.
public struct PluginExport: @unchecked Sendable {
    private let descriptor: UnsafePointer<gw_plugin>

    /// `gw_plugin.validate`.
    public typealias Validate =
        @convention(c) (UnsafePointer<gw_params>?, UnsafeMutablePointer<gw_error>?) -> Int32
    /// `gw_plugin.create`.
    public typealias Create =
        @convention(c) (
            UnsafePointer<gw_host>?, UnsafePointer<gw_params>?, UnsafeMutablePointer<gw_error>?,
            UnsafeMutablePointer<OpaquePointer?>?
        ) -> Int32

    /// Lays out the descriptor. Its memory lives as long as the process and is deliberately never freed, since the
    /// host may read it at any time and the library is never unloaded.
    public init(_ description: PluginDescription, validate: @escaping Validate, create: @escaping Create) {
        var plugin = gw_plugin()
        plugin.struct_size = UInt32(MemoryLayout<gw_plugin>.size)
        plugin.abi_minor = GW_ABI_MINOR
        plugin.type = immortal(description.type)
        plugin.version = immortal(description.version)
        plugin.summary = immortal(description.summary)
        plugin.vendor = description.vendor.flatMap(immortal)
        plugin.license = description.license.flatMap(immortal)
        plugin.doc_url = description.documentation.flatMap(immortal)
        plugin.capabilities = description.capabilities.rawValue
        plugin.threads = description.threads.rawValue
        plugin.max_batch = description.maxBatch
        plugin.max_key = description.maxKey
        plugin.max_value = description.maxValue
        plugin.default_ttl_ms = description.defaultTTLMilliseconds
        plugin.n_params = UInt32(description.parameters.count)
        plugin.params = immortal(description.parameters.map(gw_param.init))
        plugin.max_threads = description.maxThreads
        plugin.param_stride = UInt32(MemoryLayout<gw_param>.stride)
        plugin.validate = validate
        plugin.create = create
        plugin.start = Functions.start
        plugin.get = Functions.get
        plugin.set = Functions.set
        plugin.del = description.capabilities.contains(.delete) ? Functions.delete : nil
        plugin.ping = Functions.ping
        plugin.flush = description.capabilities.contains(.flush) ? Functions.flush : nil
        plugin.cancel = Functions.cancel
        plugin.release = Functions.release
        plugin.stats = description.capabilities.contains(.statistics) ? Functions.stats : nil
        plugin.shutdown = Functions.shutdown
        plugin.destroy = Functions.destroy
        plugin.get_extension = description.answersInquiries ? Functions.getExtension : nil
        let memory = UnsafeMutablePointer<gw_plugin>.allocate(capacity: 1)
        memory.initialize(to: plugin)
        descriptor = UnsafePointer(memory)
    }

    /// Answers a call of the entry function with the descriptor, which is the same each time, or says why it refuses
    /// the host.
    public func answer(
        _ host: UnsafePointer<gw_abi>?,
        _ out: UnsafeMutablePointer<UnsafePointer<gw_plugin>?>?
    ) -> Int32 {
        guard let host, host.isReadable else { return GW_EINVAL }
        guard let out else {
            return PluginFailure(.invalid, "the host gives no place for the descriptor").answer(host.pointee.error)
        }
        out.pointee = descriptor
        return GW_OK
    }
}

extension gw_param {
    fileprivate init(_ parameter: Parameter) {
        self.init()
        struct_size = UInt32(MemoryLayout<gw_param>.size)
        type = parameter.kind.code
        flags = parameter.traits.rawValue
        name = immortal(parameter.name)
        doc = immortal(parameter.doc)
        default_value = parameter.defaultValue.flatMap(immortal)
        env = parameter.environment.flatMap(immortal)
        example = parameter.example.flatMap(immortal)
        group = parameter.group.flatMap(immortal)
        replaced_by = parameter.replacedBy.flatMap(immortal)
        aliases = parameter.aliases.isEmpty ? nil : immortalList(parameter.aliases)
        if case .choice(let words) = parameter.kind { choices = immortalList(words) }
        if let bound = parameter.minimum {
            flags |= GW_PARAM_HAS_MINIMUM
            (minimum, float_minimum) = (bound.whole, bound.real)
        }
        if let bound = parameter.maximum {
            flags |= GW_PARAM_HAS_MAXIMUM
            (maximum, float_maximum) = (bound.whole, bound.real)
        }
    }
}

/// Copies the text for the life of the process.
private func immortal(_ text: String) -> UnsafePointer<CChar>? { UnsafePointer(strdup(text)) }

/// Copies the elements for the life of the process.
private func immortal<Element>(_ elements: [Element]) -> UnsafePointer<Element>? {
    guard !elements.isEmpty else { return nil }
    let memory = UnsafeMutableBufferPointer<Element>.allocate(capacity: elements.count)
    _ = memory.initialize(from: elements)
    return UnsafePointer(memory.baseAddress)
}

/// Copies the texts to a NULL-terminated array for the life of the process.
private func immortalList(_ texts: [String]) -> UnsafePointer<UnsafePointer<CChar>?>? {
    immortal(texts.map(immortal) + [nil])
}
