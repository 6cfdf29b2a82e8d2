import PluginAPI

/// One call into the plugin.
///
/// It is `@unchecked Sendable` because the operation's memory is the plugin's until the operation has ended, and the
/// block that owns it is not reused before that.
struct PluginCall: @unchecked Sendable {
    enum Operation {
        case get(UnsafeMutablePointer<gw_get_op>)
        case set(UnsafeMutablePointer<gw_set_op>)
        case delete(UnsafeMutablePointer<gw_del_op>)
        case ping(UnsafeMutablePointer<gw_plain_op>)
        case flush(UnsafeMutablePointer<gw_flush_op>)
        case inquire(UnsafeMutablePointer<gw_get_op>)
    }

    let functions: PluginFunctions
    let inquire: PluginInquiry.Function?
    let cache: OpaquePointer
    let operation: Operation

    /// Makes the call.
    /// - Parameter mark: the calling thread's.
    func run(_ mark: CallMark) -> Int32 {
        switch operation {
        case .get(let operation):
            mark.begin(.get)
            defer { mark.end() }
            return functions.get(cache, operation)
        case .set(let operation):
            mark.begin(.set)
            defer { mark.end() }
            return functions.set(cache, operation)
        case .delete(let operation):
            guard let delete = functions.delete else { return GW_ENOTSUP }
            return mark.during(.delete) { delete(cache, operation) }
        case .ping(let operation): return mark.during(.ping) { functions.ping(cache, operation) }
        case .flush(let operation):
            guard let flush = functions.flush else { return GW_ENOTSUP }
            return mark.during(.flush) { flush(cache, operation) }
        case .inquire(let operation):
            guard let inquire else { return GW_ENOTSUP }
            // It has the rules of get, and is reported as that.
            return mark.during(.get) { inquire(cache, operation) }
        }
    }
}
