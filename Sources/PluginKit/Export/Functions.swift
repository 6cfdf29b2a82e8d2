import Glibc
import PluginAPI

/// The C functions of `gw_plugin`. They check and wrap their arguments, and call the instance.
enum Functions {
    static let get: @convention(c) (OpaquePointer?, UnsafeMutablePointer<gw_get_op>?) -> Int32 = { cache, raw in
        guard let cache, let raw, raw.isReadable else { return GW_EINVAL }
        return with(cache) { $0.get(GetOperation(raw: raw, host: $0.host)).code }
    }

    static let set: @convention(c) (OpaquePointer?, UnsafeMutablePointer<gw_set_op>?) -> Int32 = { cache, raw in
        guard let cache, let raw, raw.isReadable else { return GW_EINVAL }
        return with(cache) { $0.set(SetOperation(raw: raw, host: $0.host)).code }
    }

    static let delete: @convention(c) (OpaquePointer?, UnsafeMutablePointer<gw_del_op>?) -> Int32 = { cache, raw in
        guard let cache, let raw, raw.isReadable else { return GW_EINVAL }
        return with(cache) { $0.delete(DeleteOperation(raw: raw, host: $0.host)).code }
    }

    static let flush: @convention(c) (OpaquePointer?, UnsafeMutablePointer<gw_flush_op>?) -> Int32 = { cache, raw in
        guard let cache, let raw, raw.isReadable else {
            return GW_EINVAL
        }
        return with(cache) { $0.flush(FlushOperation(raw: raw, host: $0.host)).code }
    }

    /// `gw_plugin.get_extension` of a plugin that answers inquiries.
    static let getExtension: @convention(c) (UnsafePointer<CChar>?) -> UnsafeRawPointer? = { name in
        guard let name, strcmp(name, GW_INQUIRY_NAME) == 0 else { return nil }
        return UnsafeRawPointer(inquiry)
    }

    /// It is never written again and never freed, since the host may refer to it for the life of the process.
    private nonisolated(unsafe) static let inquiry: UnsafePointer<gw_inquiry> = {
        let memory = UnsafeMutablePointer<gw_inquiry>.allocate(capacity: 1)
        memory.initialize(to: gw_inquiry(struct_size: GW_INQUIRY_SIZE_1, reserved: 0, inquire: inquire))
        return UnsafePointer(memory)
    }()

    private static let inquire: @convention(c) (OpaquePointer?, UnsafeMutablePointer<gw_get_op>?) -> Int32 = {
        cache,
        raw in
        guard let cache, let raw, raw.isReadable else { return GW_EINVAL }
        return with(cache) { $0.inquire(GetOperation(raw: raw, host: $0.host)).code }
    }

    static let start: @convention(c) (OpaquePointer?, UnsafeMutablePointer<gw_plain_op>?) -> Int32 = { cache, raw in
        plain(cache, raw) { $0.start($1) }
    }

    static let ping: @convention(c) (OpaquePointer?, UnsafeMutablePointer<gw_plain_op>?) -> Int32 = { cache, raw in
        plain(cache, raw) { $0.ping($1) }
    }

    static let shutdown: @convention(c) (OpaquePointer?, UnsafeMutablePointer<gw_plain_op>?) -> Int32 = { cache, raw in
        plain(cache, raw) { $0.shutdown($1) }
    }

    static let cancel: @convention(c) (OpaquePointer?, UInt64) -> Void = { cache, operation in
        if let cache { with(cache) { $0.cancel(operation) } }
    }

    static let release: @convention(c) (OpaquePointer?, UnsafePointer<UInt64>?, UInt32) -> Void = { cache, leases, n in
        if let cache { with(cache) { $0.release(Leases(raw: UnsafeBufferPointer(start: leases, count: Int(n)))) } }
    }

    static let stats: @convention(c) (OpaquePointer?, UnsafePointer<gw_stats>?) -> Void = { cache, raw in
        guard let cache, let raw, raw.isReadable else { return }
        with(cache) { $0.report(StatisticsReport(raw: raw)) }
    }

    static let destroy: @convention(c) (OpaquePointer?) -> Void = { cache in
        if let cache { Unmanaged<Instance>.fromOpaque(UnsafeRawPointer(cache)).release() }
    }

    private static func plain(
        _ cache: OpaquePointer?,
        _ raw: UnsafeMutablePointer<gw_plain_op>?,
        _ call: (Instance, PlainOperation) -> OperationProgress
    ) -> Int32 {
        guard let cache, let raw, raw.isReadable else {
            return GW_EINVAL
        }
        return with(cache) { call($0, PlainOperation(raw: raw, host: $0.host)).code }
    }

    /// The instance, borrowed: the host keeps it alive for the call.
    @inline(__always)
    private static func with<Result>(_ cache: OpaquePointer, _ body: (Instance) -> Result) -> Result {
        Unmanaged<Instance>.fromOpaque(UnsafeRawPointer(cache))._withUnsafeGuaranteedRef(body)
    }
}

extension OperationProgress {
    fileprivate var code: Int32 {
        switch self {
        case .done: GW_DONE
        case .pending: GW_PENDING
        // Only a negative status means that nothing was kept.
        case .rejected(let status): status.rawValue < 0 ? status.rawValue : GW_EINTERNAL
        }
    }
}
