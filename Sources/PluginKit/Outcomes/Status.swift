import PluginAPI

/// The outcome of an operation or of one of its items (`GW_OK` ... `GW_EPARTIAL`).
public struct Status: RawRepresentable, Equatable, Sendable {
    /// The value as the C interface has it.
    public let rawValue: Int32

    /// Makes one of the value that the C interface has.
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// A get found the key, or a set or delete is done.
    public static let ok = Status(rawValue: GW_OK)
    /// A get or delete found no such key, or a set only if absent found one.
    public static let miss = Status(rawValue: GW_MISS)
    /// An argument that the plugin cannot accept.
    public static let invalid = Status(rawValue: GW_EINVAL)
    /// The plugin cannot do this.
    public static let unsupported = Status(rawValue: GW_ENOTSUP)
    /// Too much is in flight. Nothing was kept.
    public static let busy = Status(rawValue: GW_EBUSY)
    /// The deadline passed.
    public static let timeout = Status(rawValue: GW_ETIMEOUT)
    /// The operation was cancelled, or refused because of shutdown.
    public static let cancelled = Status(rawValue: GW_ECANCELLED)
    /// The backend cannot be reached.
    public static let unavailable = Status(rawValue: GW_EUNAVAILABLE)
    /// The backend refused the credentials.
    public static let unauthorized = Status(rawValue: GW_EAUTH)
    /// The value is larger than the plugin stores.
    public static let tooLarge = Status(rawValue: GW_E2BIG)
    /// The backend is full.
    public static let full = Status(rawValue: GW_ENOSPC)
    /// The backend gave an invalid answer.
    public static let badAnswer = Status(rawValue: GW_EPROTO)
    /// The stored value is damaged.
    public static let corrupt = Status(rawValue: GW_ECORRUPT)
    /// The parameters cannot work.
    public static let badConfiguration = Status(rawValue: GW_ECONFIG)
    /// A defect of the plugin.
    public static let defect = Status(rawValue: GW_EINTERNAL)
    /// The part of the backend that has this key does not answer, but other parts do. Use it only for a host that
    /// `Host.knowsPartialFailures`, and in a plugin with `Capabilities.partial`.
    public static let partial = Status(rawValue: GW_EPARTIAL)
}

/// How far an operation got when the function that started it returns (rule O-1).
public enum OperationProgress: Equatable, Sendable {
    /// The operation is finished, and the results are filled in.
    case done
    /// A `Completion` was taken and will be used.
    case pending
    /// The operation failed as a whole. Nothing was kept, and nothing will be completed.
    case rejected(Status)
}
