import PluginAPI

/// A struct of the host, which begins with its `struct_size` and may be shorter or longer than this plugin's header says
/// (rule L-1). It must never be copied as a whole, since that would read beyond the end of a shorter one.
protocol HostStruct {
    /// Its size in version 1.0 of the interface, the least that is accepted.
    static var leastSize: UInt32 { get }
}

extension UnsafePointer where Pointee: HostStruct {
    /// Whether every field of version 1.0 may be read. One that was added later is read only where `GW_HAS` in C would
    /// say that it is there, and never because this plugin was compiled with a header that has it.
    var isReadable: Bool { UnsafeRawPointer(self).load(as: UInt32.self) >= Pointee.leastSize }
}

extension UnsafeMutablePointer where Pointee: HostStruct {
    /// Whether every field of version 1.0 may be read and written.
    var isReadable: Bool { UnsafePointer(self).isReadable }
}

extension gw_abi: HostStruct { static var leastSize: UInt32 { GW_ABI_SIZE_1_0 } }
extension gw_host: HostStruct { static var leastSize: UInt32 { GW_HOST_SIZE_1_0 } }
extension gw_params: HostStruct { static var leastSize: UInt32 { GW_PARAMS_SIZE_1_0 } }
extension gw_error: HostStruct { static var leastSize: UInt32 { GW_ERROR_SIZE_1_0 } }
extension gw_get_op: HostStruct { static var leastSize: UInt32 { GW_GET_OP_SIZE_1_0 } }
extension gw_set_op: HostStruct { static var leastSize: UInt32 { GW_SET_OP_SIZE_1_0 } }
extension gw_del_op: HostStruct { static var leastSize: UInt32 { GW_DEL_OP_SIZE_1_0 } }
extension gw_flush_op: HostStruct { static var leastSize: UInt32 { GW_FLUSH_OP_SIZE_1_0 } }
extension gw_plain_op: HostStruct { static var leastSize: UInt32 { GW_PLAIN_OP_SIZE_1_0 } }
extension gw_stats: HostStruct { static var leastSize: UInt32 { GW_STATS_SIZE_1_0 } }
