import PluginAPI

/// What kind of host the plugin is driven by: which version of the interface it was built for, and how it lends memory.
public struct HostStyle: Sendable {
    /// How many bytes longer its structs and strides are than those of version 1.0. The bytes hold a pattern.
    public var growth = 64
    /// The minor version that it states.
    public var minor: UInt32 = GW_ABI_MINOR
    /// Whether what it lends ends at memory that cannot be read, and is taken away when the plugin must not use it any
    /// more, so that a plugin that uses it all the same crashes.
    public var isGuarded = false
    /// Whether operations have a `gw_error`.
    public var givesErrors = true
    /// Whether slices without bytes are NULL.
    public var emptyIsNull = false
    /// Flags of operations and items, which a plugin does not know.
    public var flags: UInt32 = 0
    /// The content of reserved fields, to which a later minor version has given a meaning.
    public var reserved: UInt32 = 0
    /// The least level that is logged.
    public var logLevel: UInt32 = GW_LOG_TRACE
    /// The size in bytes of the largest value that the host reads, where 0 means not stated.
    public var largestValue: UInt64 = 0
    /// How many operations the host keeps pending at most.
    public var mostPending: UInt32 = 1 << 20

    /// A host of a later minor version.
    public init() {}

    /// A host of version 1.0, whose structs end where the memory does.
    public static var first: HostStyle {
        var style = HostStyle()
        style.growth = 0
        style.minor = 0
        style.isGuarded = true
        return style
    }

    /// A host whose memory ends exactly where it says, and is gone when it is no longer lent.
    public static var guarded: HostStyle {
        var style = HostStyle()
        style.isGuarded = true
        return style
    }
}
